//! Fills a JSON Schema, which is how a simulated model answers when asked for JSON.
//!
//! An array whose items have a property restricted to labels of fenced blocks gets one item for each block. In other
//! arrays each item tells a point of the blocks: one that several make, one that a single one makes, or one that none
//! does, as the array's name suggests.

use serde_json::{Map, Value, json};

use super::judge::{Substance, ordered};
use super::{Seed, SimSettings, advice};
use crate::fence::Block;

pub(super) struct Filler<'a> {
    settings: &'a SimSettings,
    judge: &'a str,
    answers: Vec<Block<'a>>,
    outside: &'a str,
    stock: &'static [advice::Point],
    seed: Seed,
}

/// What the value that is being filled is about.
#[derive(Clone, Copy)]
enum About<'a> {
    Whole,
    Answer(&'a Block<'a>),
    Point { text: &'a str, holders: &'a [&'a str] },
}

impl<'a> Filler<'a> {
    pub(super) fn new(
        settings: &'a SimSettings,
        judge: &'a str,
        blocks: &[Block<'a>],
        outside: &'a str,
        seed: Seed,
    ) -> Self {
        let answers: Vec<_> = blocks.iter().filter(|block| block.kind == "answer").copied().collect();
        let stock = advice::stock_of(answers.iter().map(|block| block.text));
        Self { settings, judge, answers, outside, stock, seed }
    }

    pub(super) fn fill(&self, schema: &Value) -> Value {
        self.value("", schema, About::Whole)
    }

    fn value(&self, name: &str, schema: &Value, about: About<'_>) -> Value {
        if let Some(allowed) = schema["enum"].as_array() {
            return self.one_of(allowed, about);
        }
        match schema["type"].as_str() {
            Some("object") => self.object(schema, about),
            Some("array") => self.array(name, &schema["items"], about),
            Some("integer" | "number") => json!(self.number(name, schema, about)),
            Some("boolean") => json!(true),
            _ => json!(self.text(about)),
        }
    }

    fn object(&self, schema: &Value, about: About<'_>) -> Value {
        let properties = schema["properties"].as_object();
        let filled =
            properties.into_iter().flatten().map(|(name, of)| (name.clone(), self.value(name, of, about)));
        Value::Object(filled.collect::<Map<_, _>>())
    }

    fn one_of(&self, allowed: &[Value], about: About<'_>) -> Value {
        let wanted = match about {
            About::Answer(block) => Some(block.label),
            About::Point { holders, .. } => holders.first().copied(),
            About::Whole => None,
        };
        let found = wanted.and_then(|label| allowed.iter().find(|value| value.as_str() == Some(label)));
        found.or(allowed.get(self.seed.pick(5, allowed.len()))).cloned().unwrap_or(Value::Null)
    }

    fn array(&self, name: &str, items: &Value, about: About<'_>) -> Value {
        if let About::Point { holders, .. } = about {
            return json!(holders);
        }
        if self.is_per_answer(items) {
            return self.answers.iter().map(|block| self.value("", items, About::Answer(block))).collect();
        }
        let points = self.points(name);
        let about =
            |(text, holders): &(String, Vec<&str>)| self.value("", items, About::Point { text, holders });
        points.iter().map(about).collect()
    }

    fn is_per_answer(&self, items: &Value) -> bool {
        let is_label = |of: &Value| {
            let first = of["enum"].as_array().and_then(|labels| labels.first()).and_then(Value::as_str);
            first.is_some_and(|first| self.answers.iter().any(|block| block.label == first))
        };
        items["properties"].as_object().is_some_and(|properties| properties.values().any(is_label))
    }

    fn number(&self, name: &str, schema: &Value, about: About<'_>) -> i64 {
        let least = schema["minimum"].as_i64().unwrap_or(1);
        let most = schema["maximum"].as_i64().unwrap_or(10);
        let About::Answer(block) = about else {
            return (least + most) / 2;
        };
        let own = || Substance::of(block.text).score(self.judge, block.text, name, self.settings.leniency);
        ordered(self.outside, block.label).unwrap_or_else(own).clamp(least, most)
    }

    fn text(&self, about: About<'_>) -> String {
        match about {
            About::Answer(block) => Substance::of(block.text).critique(),
            About::Point { text, .. } => text.to_owned(),
            About::Whole => self.synthesis(),
        }
    }

    /// The points most answers make, with their reasons.
    fn synthesis(&self) -> String {
        let mut points = self.held();
        points.sort_by_key(|(_, holders)| std::cmp::Reverse(holders.len()));
        let mut text = "Weighing the answers:\n".to_owned();
        for (nth, (point, _)) in points.iter().take(6).enumerate() {
            let reason = self.stock.iter().find(|(known, _)| known == point).map_or("", |(_, reason)| reason);
            text.push_str(&format!("{}. {point}, because {reason}.\n", nth + 1));
        }
        text.push_str("Where the answers differ, the disagreement below says who held what.");
        text
    }

    fn points(&self, name: &str) -> Vec<(String, Vec<&str>)> {
        let (name, all) = (name.to_lowercase(), self.answers.len());
        let held = self.held().into_iter().map(|(point, holders)| (point.to_owned(), holders));
        if name.contains("contra") {
            let lone: Vec<_> = held.filter(|(_, holders)| holders.len() == 1).collect();
            let pair = lone.iter().zip(lone.iter().skip(1)).find(|(a, b)| a.1 != b.1);
            return pair
                .map(|(a, b)| {
                    (format!("One begins with: {}. Another with: {}.", a.0, b.0), [a.1[0], b.1[0]].into())
                })
                .into_iter()
                .collect();
        }
        if name.contains("blind") {
            let missing =
                self.stock.iter().filter(|(point, _)| !self.answers.iter().any(|a| a.text.contains(point)));
            return missing.take(2).map(|(point, _)| ((*point).to_owned(), Vec::new())).collect();
        }
        let fits = |holders: usize| match () {
            () if name.contains("unique") => holders == 1,
            () if name.contains("partial") => holders > 1 && holders < all,
            () => holders == all,
        };
        held.filter(|(_, holders)| fits(holders.len())).take(4).collect()
    }

    /// The stock's points that some answer makes, and who makes them.
    fn held(&self) -> Vec<(&'static str, Vec<&str>)> {
        let holders = |point: &str| -> Vec<&str> {
            self.answers
                .iter()
                .filter(|answer| answer.text.contains(point))
                .map(|answer| answer.label)
                .collect()
        };
        let held = self.stock.iter().map(|(point, _)| (*point, holders(point)));
        held.filter(|(_, holders)| !holders.is_empty()).collect()
    }
}
