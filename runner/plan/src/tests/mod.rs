//! Plans of made types: what leads on, what is read, what a path means, and what is redacted.

mod paths;
mod picks;
mod property;
mod reads;
mod redact;
mod views;
mod world;
