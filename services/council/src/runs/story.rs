//! What happens in a deliberation, as the events that people see.

use std::collections::HashMap;

use serde_json::{Value, json};

use crate::deliberation::progress::Step;
use crate::domain::answer_text::AnswerText;
use crate::domain::call::{CallKey, CallStage, Called};

/// An event that has no number yet.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Told {
    pub(super) event: &'static str,
    pub(super) data: Value,
}

/// Makes events of steps. Words of one writer that come together become one event: a row per token would cost more than the
/// model.
#[derive(Debug, Default)]
pub(super) struct Story {
    told: Vec<Told>,
    /// What was written since the last event, by call, in the order in which each began.
    texts: Vec<(CallKey, String)>,
    /// The chairs' answers inside of their JSON.
    answers: HashMap<CallKey, AnswerText>,
}

impl Story {
    pub(super) fn add(&mut self, step: &Step) {
        match step {
            Step::Text { key, text } => self.text(*key, text),
            Step::Stage(stage) => self.tell("run.stage", json!({ "stage": stage_name(*stage) })),
            Step::Asked { key, model } => self.tell(
                match key.stage {
                    CallStage::Summary => "summary.started",
                    CallStage::Answer => "member.started",
                    CallStage::Critique => "review.started",
                    CallStage::Chair => "chair.started",
                },
                about(*key, model),
            ),
            Step::Ended { key, model, called } => self.ended(*key, model, called),
            Step::Scores(scores) => {
                let scored = (1..).zip(scores).filter_map(|(seat, score)| Some((seat, (*score)?)));
                let scores: Vec<Value> = scored
                    .map(|(seat, score): (i32, f64)| json!({ "seat": seat, "score": (score * 100.0).round() / 100.0 }))
                    .collect();
                self.tell("scores", json!({ "scores": scores }));
            }
        }
    }

    /// The events so far.
    pub(super) fn take(&mut self) -> Vec<Told> {
        self.settle();
        std::mem::take(&mut self.told)
    }

    fn tell(&mut self, event: &'static str, data: Value) {
        self.settle();
        self.told.push(Told { event, data });
    }

    fn text(&mut self, key: CallKey, text: &str) {
        let shown = match key.stage {
            CallStage::Answer => text.to_owned(),
            CallStage::Chair => self.answers.entry(key).or_default().feed(text),
            // A review is told when it can be used, and not before; a summary is the session's.
            CallStage::Critique | CallStage::Summary => return,
        };
        match self.texts.iter_mut().find(|(known, _)| *known == key) {
            Some((_, so_far)) => so_far.push_str(&shown),
            None if shown.is_empty() => {}
            None => self.texts.push((key, shown)),
        }
    }

    /// What was written becomes events, before anything else does.
    fn settle(&mut self) {
        for (key, text) in std::mem::take(&mut self.texts) {
            let told = match key.stage {
                CallStage::Chair => Told { event: "chair.delta", data: json!({ "text": text }) },
                _ => Told { event: "member.delta", data: json!({ "seat": key.nth + 1, "text": text }) },
            };
            self.told.push(told);
        }
    }

    fn ended(&mut self, key: CallKey, model: &str, called: &Called) {
        self.answers.remove(&key);
        let (event, reason) = match (key.stage, &called.outcome) {
            (CallStage::Summary, Ok(_)) => ("summary.finished", None),
            (CallStage::Answer, Ok(_)) => ("member.answered", None),
            (CallStage::Critique, Ok(_)) => ("review.finished", None),
            (CallStage::Chair, Ok(_)) => ("chair.finished", None),
            (CallStage::Summary, Err(reason)) => ("summary.failed", Some(reason)),
            (CallStage::Answer, Err(reason)) => ("member.failed", Some(reason)),
            (CallStage::Critique, Err(reason)) => ("review.failed", Some(reason)),
            (CallStage::Chair, Err(reason)) => ("chair.failed", Some(reason)),
        };
        let mut data = about(key, model);
        data["ms"] = json!(u64::try_from(called.spent.elapsed.as_millis()).unwrap_or(u64::MAX));
        data["usage"] = json!({
            "inputTokens": called.spent.usage.input_tokens,
            "outputTokens": called.spent.usage.output_tokens,
            "costMicros": called.spent.cost_micros,
        });
        if let Some(reason) = reason {
            data["reason"] = json!(reason);
        }
        self.tell(event, data);
    }
}

fn stage_name(stage: CallStage) -> &'static str {
    match stage {
        CallStage::Summary => "SUMMARY",
        CallStage::Answer => "ANSWERS",
        CallStage::Critique => "CRITIQUE",
        CallStage::Chair => "SYNTHESIS",
    }
}

/// Who is asked, and for the how-manieth time.
fn about(key: CallKey, model: &str) -> Value {
    let mut data = match key.stage {
        CallStage::Summary => json!({ "model": model }),
        CallStage::Chair => json!({ "chair": key.nth + 1, "model": model }),
        _ => json!({ "seat": key.nth + 1, "model": model }),
    };
    if key.fallback {
        data["fallback"] = json!(true);
    }
    if key.repair {
        data["repair"] = json!(true);
    }
    data
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::call::Reply;
    use crate::domain::outcome::Spent;

    fn text(key: CallKey, text: &str) -> Step {
        Step::Text { key, text: text.to_owned() }
    }

    fn names(story: &mut Story) -> Vec<(&'static str, Value)> {
        story.take().into_iter().map(|told| (told.event, told.data)).collect()
    }

    #[test]
    fn words_that_come_together_are_one_event_each() {
        let mut story = Story::default();
        let (a, b) = (CallKey::answer(0), CallKey::answer(1));
        for step in [text(a, "One"), text(b, "Uno"), text(a, " two")] {
            story.add(&step);
        }
        let outcome = Ok(Reply { text: "One two".to_owned(), by: "m".to_owned() });
        let called = Called { outcome, spent: Spent::default() };
        story.add(&Step::Ended { key: a, model: "x/m".to_owned(), called });
        story.add(&text(b, " due"));
        let told = names(&mut story);
        let events: Vec<_> = told.iter().map(|(event, _)| *event).collect();
        assert_eq!(events, ["member.delta", "member.delta", "member.answered", "member.delta"]);
        assert_eq!(told[0].1, json!({ "seat": 1, "text": "One two" }));
        assert_eq!(told[3].1, json!({ "seat": 2, "text": " due" }));
        assert!(names(&mut story).is_empty());
    }

    #[test]
    fn of_a_chair_only_the_answer_is_shown_and_of_a_review_nothing_before_its_end() {
        let mut story = Story::default();
        story.add(&text(CallKey::chair(0), r#"{"consensus": [], "ans"#));
        story.add(&text(CallKey::critique(0), r#"{"reviews": ["#));
        assert!(names(&mut story).is_empty());
        story.add(&text(CallKey::chair(0), r#"wer": "Raise"#));
        story.add(&text(CallKey::chair(0), r#" early.", "x": ["#));
        assert_eq!(names(&mut story), [("chair.delta", json!({ "text": "Raise early." }))]);
    }
}
