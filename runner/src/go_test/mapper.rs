//! The helper of `goproctor map`: sees which functions the tests of each binary reach, and judges nothing.

use std::{
    collections::BTreeMap,
    io,
    os::unix::net::{UnixListener, UnixStream},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    thread,
};

use model::ProcessId;

use super::protocol::{Answer, Conversation, Heard, Question};
use crate::session::{self, Cancel, MappedBinary, MappedTests, SessionError};

/// How a mapper works.
#[derive(Clone, Debug)]
pub(crate) struct MapperOptions {
    /// The functions to look at: names or globs.
    pub(crate) patterns: Vec<String>,
    /// Bytes of each binary's ring of records.
    pub(crate) ring_bytes: u32,
    /// The user's own `-exec`, which test binaries are to be run by.
    pub(crate) exec: Vec<String>,
}

/// What all conversations share.
pub(crate) struct Mapper {
    /// The folders of the packages that are tested, by import path.
    folders: BTreeMap<String, PathBuf>,
    options: MapperOptions,
    cancel: Cancel,
    seen: Mutex<BTreeMap<String, Result<MappedTests, SessionError>>>,
}

impl Mapper {
    /// A mapper for packages: their folders by import path.
    pub(crate) fn new(
        folders: BTreeMap<String, PathBuf>,
        options: MapperOptions,
        cancel: Cancel,
    ) -> Self {
        Self {
            folders,
            options,
            cancel,
            seen: Mutex::default(),
        }
    }

    /// Serves each `exec` that connects, in a thread of its own, until the socket is closed.
    pub(crate) fn serve(self: &Arc<Self>, listener: &UnixListener) {
        for socket in listener.incoming() {
            let Ok(socket) = socket else { return };
            if self.cancel.is_set() {
                return;
            }
            let mapper = Arc::clone(self);
            // What goes wrong with the socket `exec` notices, too.
            thread::spawn(move || {
                let _ = mapper.converse(socket);
            });
        }
    }

    /// What was seen, by import path, or why it could not be.
    pub(crate) fn take_seen(&self) -> BTreeMap<String, Result<MappedTests, SessionError>> {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut seen)
    }

    fn converse(&self, socket: UnixStream) -> io::Result<()> {
        let mut conversation = Conversation::over(socket)?;
        let Some(Question::Begin { binary, folder, .. }) = conversation.hear()? else {
            return Ok(());
        };
        let exec = self.options.exec.clone();
        let mut known = self.folders.iter();
        let Some((package, _)) = known.find(|(_, known)| is_same(known, &folder)) else {
            return conversation.say(&Answer::Plain { exec });
        };
        let begun = MappedBinary::begin(
            &binary,
            &self.options.patterns,
            self.options.ring_bytes,
            &mut |_: session::Progress| {},
        );
        let mut mapped = match begun {
            Ok(mapped) => mapped,
            Err(error) => {
                let message = error.to_string();
                self.note(package, Err(error));
                return conversation.say(&Answer::Refused { message });
            }
        };
        conversation.say(&Answer::Watched {
            env: Vec::new(),
            minor: mapped.minor(),
            exec,
        })?;
        conversation.wait_for_a_while()?;
        let heard = answer_all(&mut conversation, &mut mapped);
        self.note(package, mapped.finish());
        if heard? {
            conversation.say(&Answer::Done)?;
            // `exec` asks once more what its verdicts depend on.
            while let Some(question) = conversation.hear()? {
                conversation.say(&answer(&question))?;
            }
        }
        Ok(())
    }

    fn note(&self, package: &str, seen: Result<MappedTests, SessionError>) {
        let mut all = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        all.insert(package.to_owned(), seen);
    }
}

/// Answers until the process is over; false if nobody asks any more before that.
fn answer_all(conversation: &mut Conversation, mapped: &mut MappedBinary) -> io::Result<bool> {
    loop {
        mapped.note_reached();
        let question = match conversation.hear_for_a_while()? {
            Heard::Something(question) => question,
            Heard::Nothing => continue,
            Heard::End => return Ok(false),
        };
        match question {
            Question::Over => return Ok(true),
            Question::Started { process } => mapped.started(ProcessId(process)),
            _ => {}
        }
        conversation.say(&answer(&question))?;
    }
}

/// No test is judged.
fn answer(question: &Question) -> Answer {
    match question {
        Question::Begin { .. } => Answer::Refused {
            message: "a conversation is about one binary".to_owned(),
        },
        Question::Started { .. } | Question::Over => Answer::Done,
        Question::Ended { .. } => Answer::Verdict(None),
        Question::Below { .. } | Question::Rest => Answer::Verdicts(Vec::new()),
        Question::Inputs => Answer::Inputs {
            files: Vec::new(),
            variables: Vec::new(),
        },
    }
}

/// Whether two paths lead to the same folder.
fn is_same(one: &Path, other: &Path) -> bool {
    let full = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
    full(one) == full(other)
}
