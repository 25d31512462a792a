//! The tables of stubs.

use super::shape::{Section, Shape, key};

pub(crate) static STUB: Section = Section {
    name: "stub",
    about: "A service that the program calls; its URL is `${stub.NAME}`. One answer to everything, or a list of answers.",
    keys: &[
        key(
            "status",
            Shape::Integer(200, 599),
            "`200`",
            "the status of the one answer",
        ),
        key(
            "body",
            Shape::Text,
            "`\"\"`",
            "the body of the one answer, as it stands",
        ),
        key(
            "headers",
            Shape::Map(&Shape::Text),
            "none",
            "the headers of the one answer",
        ),
        key(
            "delay",
            Shape::Duration,
            "`\"0s\"`",
            "how long the one answer waits",
        ),
        key(
            "drop",
            Shape::Flag,
            "`false`",
            "close the connection instead of answering",
        ),
        key(
            "answers",
            Shape::List(&Shape::Table(&ANSWER)),
            "the one answer",
            "answers one after the other; the last repeats",
        ),
        key(
            "routes",
            Shape::Map(&Shape::Either(&[
                Shape::Table(&ANSWER),
                Shape::List(&Shape::Table(&ANSWER)),
            ])),
            "none",
            "answers by method and path, e.g. `\"GET /a\"`; what no route takes gets the stub's own answer, or 404 if it has none",
        ),
    ],
};

pub(crate) static ANSWER: Section = Section {
    name: "answer",
    about: "One answer of a stub.",
    keys: &[
        key("status", Shape::Integer(200, 599), "`200`", "the status"),
        key("body", Shape::Text, "`\"\"`", "the body, as it stands"),
        key("headers", Shape::Map(&Shape::Text), "none", "the headers"),
        key(
            "delay",
            Shape::Duration,
            "`\"0s\"`",
            "how long to wait first",
        ),
        key(
            "drop",
            Shape::Flag,
            "`false`",
            "close the connection instead of answering",
        ),
    ],
};
