//! Addresses of `net` and `net/netip`.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::Form;
use crate::notation::subject::Subject;

/// Go, `net/ip.go`, `IP.String`: 4 bytes, or 16 of which those of an IPv4 address are shown as such.
pub(super) fn ip(subject: Subject<'_>) -> Option<Form<'_>> {
    Some(Form::plain(ip_of(subject.bytes()?)?.to_string()))
}

fn ip_of(bytes: &[u8]) -> Option<IpAddr> {
    if let Ok(four) = <[u8; 4]>::try_from(bytes) {
        return Some(IpAddr::V4(four.into()));
    }
    let sixteen = Ipv6Addr::from(<[u8; 16]>::try_from(bytes).ok()?);
    Some(sixteen.to_canonical())
}

/// Go, `net/ip.go`, `IPNet.String`: CIDR notation, where the mask is a prefix.
pub(super) fn network(subject: Subject<'_>) -> Option<Form<'_>> {
    let ip = ip_of(subject.field("IP")?.bytes()?)?;
    let mask = subject.field("Mask")?.bytes()?;
    let is_fitting = mask.len() == if ip.is_ipv4() { 4 } else { 16 };
    let ones: u32 = mask.iter().map(|byte| byte.leading_ones()).sum();
    let set: u32 = mask.iter().map(|byte| byte.count_ones()).sum();
    let begin = mask.iter().take_while(|byte| **byte == 0xff).count();
    let is_prefix = ones == set && mask.iter().skip(begin + 1).all(|byte| *byte == 0);
    (is_fitting && is_prefix).then(|| Form::plain(format!("{ip}/{ones}")))
}

pub(super) fn socket_form(subject: Subject<'_>) -> Option<Form<'_>> {
    let text = socket(subject).filter(|text| !text.is_empty())?;
    Some(Form::plain(text))
}

/// An address of a network's end as its `String` method writes it (Go, `net/tcpsock.go`, `net/udpsock.go`,
/// `net/iprawsock.go`, `net/unixsock.go`).
pub(in crate::notation) fn socket(subject: Subject<'_>) -> Option<String> {
    let subject = subject.target().unwrap_or(subject);
    match subject.type_name() {
        "net.UnixAddr" => subject.field("Name")?.string().map(str::to_owned),
        "net.IPAddr" => host(subject),
        "net.TCPAddr" | "net.UDPAddr" => {
            let (host, port) = (host(subject)?, subject.field("Port")?.int()?);
            // net/ipsock.go, JoinHostPort
            Some(if host.contains([':', '%']) {
                format!("[{host}]:{port}")
            } else {
                format!("{host}:{port}")
            })
        }
        _ => None,
    }
}

/// IP and zone; nothing for no IP.
fn host(subject: Subject<'_>) -> Option<String> {
    let bytes = subject.field("IP")?.bytes()?;
    let ip = match bytes {
        [] => String::new(),
        bytes => ip_of(bytes)?.to_string(),
    };
    match subject.field("Zone")?.string()? {
        "" => Some(ip),
        zone => Some(format!("{ip}%{zone}")),
    }
}

/// Go, `net/netip/netip.go`, `Addr`: the bits, and in `z` which kind they are. Up to Go 1.22 nothing that was read shows
/// an IPv4 address from the same in IPv6; those that could be both are not shown as either.
pub(super) fn netip(subject: Subject<'_>) -> Option<Form<'_>> {
    let bits = subject.field("addr")?;
    let word = |name| bits.field(name).and_then(Subject::uint).map(u128::from);
    let bits = word("hi")? << 64 | word("lo")?;
    let kind = subject.field("z")?;
    let pointer = kind.field("value").unwrap_or(kind);
    if pointer.is_nil() {
        return Some(Form::plain("invalid IP"));
    }
    let six = Ipv6Addr::from(bits);
    let detail = pointer.target();
    let is_six = detail.and_then(|detail| detail.field("isV6")?.boolean());
    match (is_six, six.to_ipv4_mapped()) {
        (Some(false), _) => {
            let low = u32::try_from(bits & u128::from(u32::MAX)).ok()?;
            Some(Form::plain(Ipv4Addr::from(low).to_string()))
        }
        (Some(true), _) => match detail?.field("zoneV6")?.string()? {
            "" => Some(Form::plain(six.to_string())),
            zone => Some(Form::plain(format!("{six}%{zone}"))),
        },
        (None, _) => None,
    }
}
