//! Free loopback ports, by name.

use std::{
    collections::{BTreeMap, VecDeque},
    io,
    net::{Ipv4Addr, TcpListener},
    sync::Mutex,
};

use super::{output::lock, template::dotted};

/// How many of the ports that were handed out last are not handed out again.
const REMEMBERED: usize = 1024;

/// How often to ask the kernel for a port that was not handed out lately.
const TRIES: usize = 256;

/// The ports that this process handed out last. The kernel may give a port again as soon as it is free, while a
/// program that was stopped has still clients that dial it.
static RECENT: Mutex<VecDeque<u16>> = Mutex::new(VecDeque::new());

/// No port could be had.
#[derive(Debug, thiserror::Error)]
#[error(
    "cannot find a free port on 127.0.0.1 for ${{port{}}}: {error}",
    dotted(name)
)]
pub struct PortError {
    /// The port's name; empty for `${port}`.
    pub name: String,
    /// Why.
    pub error: io::Error,
}

/// Free ports on 127.0.0.1, held until they are released.
#[derive(Debug)]
pub struct Ports {
    numbers: BTreeMap<String, u16>,
    held: Vec<TcpListener>,
}

impl Ports {
    /// Takes a free port for each name; the empty name is `${port}`. A name that comes again is the same port.
    ///
    /// # Errors
    /// [`PortError`] when the system has none.
    pub fn reserve<N: Into<String>>(names: impl IntoIterator<Item = N>) -> Result<Self, PortError> {
        let mut ports = Self {
            numbers: BTreeMap::new(),
            held: Vec::new(),
        };
        for name in names {
            let name = name.into();
            if ports.numbers.contains_key(&name) {
                continue;
            }
            match take() {
                Ok((listener, number)) => {
                    ports.held.push(listener);
                    ports.numbers.insert(name, number);
                }
                Err(error) => return Err(PortError { name, error }),
            }
        }
        Ok(ports)
    }

    /// The port of that name.
    #[must_use]
    pub fn number(&self, name: &str) -> Option<u16> {
        self.numbers.get(name).copied()
    }

    /// All ports by name.
    #[must_use]
    pub const fn numbers(&self) -> &BTreeMap<String, u16> {
        &self.numbers
    }

    /// Frees them for the target: to be called right before it is released. Another process may take one in
    /// between; the target then says that its address is in use
    /// ([`StartFailure::PortInUse`](super::StartFailure::PortInUse)).
    pub fn release(&mut self) {
        self.held.clear();
    }
}

fn take() -> io::Result<(TcpListener, u16)> {
    // Those that were given out lately are held while we ask on, or the kernel might give them over and over.
    let mut passed_over = Vec::new();
    for _ in 0..TRIES {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let number = listener.local_addr()?.port();
        let mut recent = lock(&RECENT);
        if !recent.contains(&number) {
            recent.push_back(number);
            if recent.len() > REMEMBERED {
                recent.pop_front();
            }
            return Ok((listener, number));
        }
        passed_over.push(listener);
    }
    Err(io::Error::other(
        "all free ports were used a moment ago; try again",
    ))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_port_is_held_until_it_is_released() {
        let mut ports = Ports::reserve(["", "admin", ""]).unwrap();
        assert_eq!(ports.numbers().len(), 2);
        let port = ports.number("").unwrap();
        assert_ne!(ports.number("admin"), Some(port));
        assert!(TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_err());
        ports.release();
        assert!(TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok());
    }

    #[test]
    fn no_port_is_given_twice() {
        let numbers: BTreeSet<_> = (0..500)
            .map(|_| Ports::reserve([""]).unwrap().number("").unwrap())
            .collect();
        assert_eq!(numbers.len(), 500);
    }

    #[test]
    fn an_error_names_the_placeholder() {
        let error = |name: &str| PortError {
            name: name.into(),
            error: io::ErrorKind::OutOfMemory.into(),
        };
        assert!(error("").to_string().contains("for ${port}:"));
        assert!(error("admin").to_string().contains("for ${port.admin}:"));
    }
}
