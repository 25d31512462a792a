//! The terminal: keys come as they are pressed, and it is left as it was, whatever ends the review.

use std::{
    io::{self, Read as _, Write as _},
    os::{
        fd::{AsFd as _, BorrowedFd},
        unix::net::UnixStream,
    },
};

use libc::{SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP, SIGWINCH};
use nix::{
    errno::Errno,
    poll::{PollFd, PollFlags, PollTimeout, poll},
    sys::termios::{LocalFlags, SetArg, SpecialCharacterIndices, Termios, tcgetattr, tcsetattr},
};
use signal_hook::low_level::{emulate_default_handler, pipe};

use super::{
    key::{self, Key},
    state::{Next, Review},
};

/// To a screen of our own, without a cursor.
const ENTER: &str = "\x1b[?1049h\x1b[?25l";
/// Back to what was there.
const LEAVE: &str = "\x1b[?25h\x1b[?1049l";

/// The signals that end a review.
const ENDING: [i32; 4] = [SIGHUP, SIGINT, SIGQUIT, SIGTERM];

/// How long the rest of a key may take, in milliseconds.
const REST: u16 = 50;

/// How wide and how high a screen is where that is not known.
const SIZE: (usize, usize) = (80, 24);

/// A terminal that shows a review.
pub(crate) struct Terminal {
    before: Termios,
    signals: Vec<(i32, UnixStream)>,
    is_ours: bool,
}

/// What happened.
enum Event {
    Keys(Vec<Key>),
    Resized,
    /// The user wants the shell for a while.
    Stop,
    Signal(i32),
    /// The terminal is gone.
    Gone,
}

impl Terminal {
    /// Takes the terminal.
    ///
    /// # Errors
    /// Standard input is none, or signals can't be handled.
    pub(crate) fn enter() -> io::Result<Self> {
        let before = tcgetattr(io::stdin())?;
        let mut signals = Vec::new();
        for signal in ENDING.into_iter().chain([SIGTSTP, SIGWINCH]) {
            let (ours, theirs) = UnixStream::pair()?;
            ours.set_nonblocking(true)?;
            pipe::register(signal, theirs)?;
            signals.push((signal, ours));
        }
        let mut terminal = Self {
            before,
            signals,
            is_ours: false,
        };
        terminal.take()?;
        Ok(terminal)
    }

    /// Shows a review until it ends; gives the signal that ended it, if one did.
    ///
    /// # Errors
    /// The terminal can't be read or written.
    pub(crate) fn show(mut self, review: &mut Review, color: bool) -> io::Result<Option<i32>> {
        let mut bytes = Vec::new();
        loop {
            draw(review, color)?;
            match self.wait(&mut bytes)? {
                Event::Keys(keys) => {
                    for key in keys {
                        if review.press(key) == Next::End {
                            self.give()?;
                            return Ok(None);
                        }
                        // A page is as long as what is shown then.
                        let (columns, height) = size();
                        review.screen(columns, height, color);
                    }
                }
                Event::Resized => {}
                Event::Stop => {
                    self.give()?;
                    emulate_default_handler(SIGTSTP)?;
                    self.take()?;
                }
                Event::Signal(signal) => {
                    self.give()?;
                    return Ok(Some(signal));
                }
                Event::Gone => return Ok(None),
            }
        }
    }

    fn take(&mut self) -> io::Result<()> {
        let mut ours = self.before.clone();
        // Ctrl-C and Ctrl-Z stay signals.
        ours.local_flags
            .remove(LocalFlags::ICANON | LocalFlags::ECHO);
        let wait = [
            (SpecialCharacterIndices::VMIN, 1),
            (SpecialCharacterIndices::VTIME, 0),
        ];
        for (index, value) in wait {
            if let Some(character) = ours.control_chars.get_mut(index as usize) {
                *character = value;
            }
        }
        self.is_ours = true;
        tcsetattr(io::stdin(), SetArg::TCSADRAIN, &ours)?;
        write(ENTER)
    }

    /// Gives the terminal back as it was.
    fn give(&mut self) -> io::Result<()> {
        if !std::mem::take(&mut self.is_ours) {
            return Ok(());
        }
        let restored = tcsetattr(io::stdin(), SetArg::TCSADRAIN, &self.before);
        write(LEAVE)?;
        Ok(restored?)
    }

    /// Waits for something to happen.
    fn wait(&mut self, bytes: &mut Vec<u8>) -> io::Result<Event> {
        loop {
            let input = io::stdin();
            let timeout = match bytes.is_empty() {
                true => PollTimeout::NONE,
                false => PollTimeout::from(REST),
            };
            let mut ready = vec![PollFd::new(input.as_fd(), PollFlags::POLLIN)];
            let signals = self.signals.iter();
            ready.extend(signals.map(|(_, stream)| PollFd::new(stream.as_fd(), PollFlags::POLLIN)));
            match poll(&mut ready, timeout) {
                Err(Errno::EINTR) => continue,
                Err(error) => return Err(error.into()),
                Ok(0) => return Ok(Event::Keys(key::take(bytes, false))),
                Ok(_) => {}
            }
            let has_input = ready.first().is_some_and(is_ready);
            if let Some(signal) = self.signal() {
                return Ok(match signal {
                    SIGWINCH => Event::Resized,
                    SIGTSTP => Event::Stop,
                    signal => Event::Signal(signal),
                });
            }
            if !has_input {
                continue;
            }
            if !read(input.as_fd(), bytes)? {
                return Ok(Event::Gone);
            }
            let keys = key::take(bytes, true);
            if !keys.is_empty() {
                return Ok(Event::Keys(keys));
            }
        }
    }

    /// A signal that came, those that end first.
    fn signal(&mut self) -> Option<i32> {
        let came = |(signal, stream): &mut (i32, UnixStream)| {
            let count = stream.read(&mut [0; 64]).unwrap_or_default();
            (count > 0).then_some(*signal)
        };
        self.signals.iter_mut().find_map(came)
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // There is nobody left to tell.
        let _ = self.give();
    }
}

fn is_ready(ready: &PollFd<'_>) -> bool {
    ready.revents().is_some_and(|events| !events.is_empty())
}

/// Reads what was typed; false if the terminal is gone.
fn read(input: BorrowedFd<'_>, bytes: &mut Vec<u8>) -> io::Result<bool> {
    let mut buffer = [0; 256];
    match nix::unistd::read(input, &mut buffer) {
        Ok(0) | Err(Errno::EIO) => Ok(false),
        Ok(count) => {
            bytes.extend(buffer.get(..count).unwrap_or_default());
            Ok(true)
        }
        Err(Errno::EINTR | Errno::EAGAIN) => Ok(true),
        Err(error) => Err(error.into()),
    }
}

fn draw(review: &mut Review, color: bool) -> io::Result<()> {
    let (columns, height) = size();
    let lines = review.screen(columns, height, color);
    // Each line over the one that was there, so that nothing flickers.
    let mut text = "\x1b[H".to_owned();
    text.push_str(&lines.join("\x1b[K\r\n"));
    text.push_str("\x1b[K\x1b[J");
    write(&text)
}

fn size() -> (usize, usize) {
    terminal_size::terminal_size().map_or(SIZE, |(width, height)| {
        (usize::from(width.0).max(1), usize::from(height.0).max(1))
    })
}

fn write(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}
