//! Lays a trace out as a tree: children under their parents, in the order in which they began.

use std::collections::{HashMap, HashSet};

use super::span::Span;

/// A span with the branch that leads to it.
#[derive(Debug)]
pub(super) struct Line<'a> {
    pub(super) branch: String,
    pub(super) span: &'a Span,
}

pub(super) fn lines(spans: &[Span]) -> Vec<Line<'_>> {
    let known: HashSet<&str> = spans.iter().map(|span| span.span_id.as_str()).collect();
    let mut children: HashMap<&str, Vec<&Span>> = HashMap::new();
    for span in spans {
        // Under no parent: the first span, and those whose parent sent nothing here.
        let parent = if known.contains(span.parent_id.as_str()) { span.parent_id.as_str() } else { "" };
        children.entry(parent).or_default().push(span);
    }
    for siblings in children.values_mut() {
        siblings.sort_by_key(|span| (span.start, std::cmp::Reverse(span.end)));
    }
    let mut lines = Vec::with_capacity(spans.len());
    for root in children.get("").into_iter().flatten() {
        lines.push(Line { branch: String::new(), span: root });
        below(root, &children, "", &mut lines);
    }
    lines
}

fn below<'a>(
    parent: &Span,
    children: &HashMap<&str, Vec<&'a Span>>,
    indent: &str,
    lines: &mut Vec<Line<'a>>,
) {
    let siblings = children.get(parent.span_id.as_str()).map(Vec::as_slice).unwrap_or_default();
    for (index, span) in siblings.iter().enumerate() {
        let last = index + 1 == siblings.len();
        lines.push(Line { branch: format!("{indent}{}", if last { "└─ " } else { "├─ " }), span });
        below(span, children, &format!("{indent}{}", if last { "   " } else { "│  " }), lines);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(id: &str, parent: &str, start: u64) -> Span {
        Span {
            span_id: id.to_owned(),
            parent_id: parent.to_owned(),
            start,
            end: start + 1,
            ..Span::default()
        }
    }

    #[test]
    fn children_stand_under_their_parents_in_order() {
        let spans = [
            span("c", "a", 3),
            span("a", "outside", 1),
            span("b", "a", 2),
            span("d", "b", 9),
            span("e", "gone", 5),
        ];
        let drawn: Vec<String> =
            lines(&spans).iter().map(|l| format!("{}{}", l.branch, l.span.span_id)).collect();
        assert_eq!(drawn, ["a", "├─ b", "│  └─ d", "└─ c", "e"]);
    }
}
