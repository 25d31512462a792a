//! The helper of `goproctor map`: sees which functions the tests of each binary reach, and judges nothing.

use std::{
    collections::BTreeMap,
    io,
    os::unix::net::UnixStream,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};

use model::ProcessId;

use super::{
    protocol::{Answer, Conversation, Heard, Question},
    serving::{Answering, is_same_folder},
};
use crate::session::{self, Cancel, Kernels, MappedBinary, MappedTests, SessionError};

/// How a mapper works.
#[derive(Clone, Debug)]
pub(crate) struct MapperOptions {
    /// The functions to look at: names or globs.
    pub(crate) patterns: Vec<String>,
    /// The user's own `-exec`, which test binaries are to be run by.
    pub(crate) exec: Vec<String>,
}

/// What all conversations share.
pub(crate) struct Mapper {
    /// The folders of the packages that are tested, by import path.
    folders: BTreeMap<String, PathBuf>,
    options: MapperOptions,
    kernels: Arc<Kernels>,
    cancel: Cancel,
    seen: Mutex<BTreeMap<String, Result<MappedTests, SessionError>>>,
}

impl Answering for Mapper {
    fn converse(&self, socket: UnixStream) {
        let conversation = Conversation::over(socket);
        let _ = conversation.and_then(|mut conversation| self.answer_all(&mut conversation));
    }

    fn is_cancelled(&self) -> bool {
        self.cancel.is_set()
    }
}

impl Mapper {
    /// A mapper for packages: their folders by import path.
    pub(crate) fn new(
        folders: BTreeMap<String, PathBuf>,
        options: MapperOptions,
        kernels: Arc<Kernels>,
        cancel: Cancel,
    ) -> Self {
        Self {
            folders,
            options,
            kernels,
            cancel,
            seen: Mutex::default(),
        }
    }

    /// What was seen, by import path, or why it could not be.
    pub(crate) fn take_seen(&self) -> BTreeMap<String, Result<MappedTests, SessionError>> {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut seen)
    }

    fn answer_all(&self, conversation: &mut Conversation) -> io::Result<()> {
        let Some(Question::Begin { binary, folder, .. }) = conversation.hear()? else {
            return Ok(());
        };
        let exec = self.options.exec.clone();
        let mut known = self.folders.iter();
        let Some((package, _)) = known.find(|(_, known)| is_same_folder(known, &folder)) else {
            return conversation.say(&Answer::Plain { exec });
        };
        let begun = MappedBinary::begin(
            &binary,
            &self.options.patterns,
            &self.kernels,
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
        let heard = answer_until_over(conversation, &mut mapped);
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
fn answer_until_over(
    conversation: &mut Conversation,
    mapped: &mut MappedBinary,
) -> io::Result<bool> {
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
