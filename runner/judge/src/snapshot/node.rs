//! Lines with lines below them; equal neighbours become one with a number.

/// A line and what is below it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Node {
    /// The line; the lines of one that was too long.
    pub text: String,
    /// What is below it, in order.
    pub below: Vec<Self>,
}

impl Node {
    /// A line with nothing below it.
    pub(super) const fn leaf(text: String) -> Self {
        Self {
            text,
            below: Vec::new(),
        }
    }
}

/// Puts nodes into the order of their text.
pub(super) fn sort(nodes: &mut [Node]) {
    nodes.sort_by_cached_key(|node| {
        let mut text = String::new();
        write(std::slice::from_ref(node), 0, &mut text);
        text
    });
}

/// Writes nodes as indented lines.
pub(super) fn write(nodes: &[Node], indent: usize, text: &mut String) {
    let mut rest = nodes;
    while let Some((node, after)) = rest.split_first() {
        let equal = after.iter().take_while(|other| *other == node).count();
        for (index, line) in node.text.lines().enumerate() {
            if index > 0 {
                text.push('\n');
            }
            text.extend(std::iter::repeat_n("  ", indent));
            text.push_str(line);
        }
        if equal > 0 {
            text.push_str(&format!(" ×{}", equal + 1));
        }
        text.push('\n');
        write(&node.below, indent + 1, text);
        rest = after.get(equal..).unwrap_or_default();
    }
}
