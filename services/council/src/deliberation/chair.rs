use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use tokio::time::Instant;
use witan_llm::ChatRequest;
use witan_llm::fence::Fence;

use super::Panel;
use super::calls::Calls;
use super::critique::anonymous;
use crate::domain::call::{CallKey, Called};
use crate::domain::order;
use crate::domain::outcome::{Deliberation, Spent};
use crate::domain::prompt::{self, Judged, Labelled, Question};
use crate::domain::synthesis::{self, Synthesis};

/// How many chairs are tried.
const MAX_CHAIRS: usize = 3;
/// The share of the time that is left which a chair has when another could still write after it.
const EACH_TRY: f64 = 0.6;

impl Panel {
    /// The synthesis and the model that wrote it; none when no chair could. No chair learns who wrote what.
    pub(super) async fn chair(
        &self,
        question: &Question<'_>,
        run: &Deliberation,
        scores: &[Option<f64>],
        rng: &mut StdRng,
        calls: &Calls,
    ) -> (Option<(String, Synthesis)>, Spent) {
        let mut answers = anonymous(&run.seats);
        answers.shuffle(rng);
        let labels = order::labels(answers.len(), rng);
        let judged: Vec<Judged<'_>> = answers
            .iter()
            .zip(&labels)
            .map(|(answer, label)| Judged {
                answer: Labelled { label, text: &answer.text },
                score: scores[answer.seat],
                critiques: critiques(run, answer.seat),
            })
            .collect();
        let seat_of = |label: &str| {
            let at = labels.iter().position(|known| known == label)?;
            u8::try_from(answers[at].seat + 1).ok()
        };
        let deadline = Instant::now() + question.sitting.limits.synthesis;
        let chairs = chairs(&question.sitting.chairs, run);
        let mut spent = Spent::default();
        for (nth, chair) in chairs.iter().enumerate() {
            let left = deadline.saturating_duration_since(Instant::now());
            let share = if nth + 1 < chairs.len() { left.mul_f64(EACH_TRY) } else { left };
            let request = prompt::synthesis(question, &judged, chair, &Fence::random(&self.clock));
            let until = Instant::now() + share;
            let (written, more) = write(CallKey::chair(nth), request, until, &seat_of, calls).await;
            spent = spent.and(more);
            match written {
                Ok(synthesis) => return (Some((chair.clone(), synthesis)), spent),
                Err(_) if calls.is_cancelled() => break,
                Err(reason) => tracing::warn!(chair, reason, "a chair wrote no synthesis"),
            }
        }
        (None, spent)
    }
}

/// Who may chair, in order: whoever has just failed to answer comes after those who did.
fn chairs(chairs: &[String], run: &Deliberation) -> Vec<String> {
    let failed =
        |chair: &&String| run.seats.iter().any(|seat| seat.model == **chair && seat.reason.is_some());
    let (late, able): (Vec<_>, Vec<_>) = chairs.iter().partition(failed);
    able.into_iter().chain(late).take(MAX_CHAIRS).cloned().collect()
}

/// One chair's synthesis; mended once if it is not as asked.
async fn write(
    first: CallKey,
    mut request: ChatRequest,
    deadline: Instant,
    seat_of: &(impl Fn(&str) -> Option<u8> + Sync),
    calls: &Calls,
) -> (Result<Synthesis, String>, Spent) {
    let mut spent = Spent::default();
    for (key, last) in [(first, false), (first.repair(), true)] {
        let Called { outcome, spent: more } = calls.ask(key, &request, deadline).await;
        spent = spent.and(more);
        let text = match outcome {
            Ok(reply) => reply.text,
            Err(reason) => return (Err(reason), spent),
        };
        match synthesis::parse(&text, seat_of) {
            Ok(synthesis) => return (Ok(synthesis), spent),
            Err(why) if last => return (Err(why), spent),
            Err(why) => request = prompt::repair(request, &text, &why),
        }
    }
    (Err("unreadable".to_owned()), spent)
}

fn critiques(run: &Deliberation, seat: usize) -> Vec<&str> {
    let about = run.reviews.iter().filter(|review| review.answer == seat);
    about.map(|review| review.critique.as_str()).filter(|critique| !critique.is_empty()).collect()
}
