//! The protocol with simulated models; time is paused, so that deadlines cost nothing.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use tokio::time::Instant;
use witan_clock::Clock;
use witan_config::{Env, Reader};
use witan_egress::{Egress, EgressConfig};
use witan_llm::{CancellationToken, Models};

use super::Panel;
use super::progress::Step;
use crate::config::{Config, CouncilConfig};
use crate::domain::agent;
use crate::domain::call::{CallKey, Called};
use crate::domain::mode::Mode;
use crate::domain::outcome::{Deliberation, Review, Verdict};
use crate::domain::prompt::Question;
use crate::domain::sitting::{Sitting, Wish};
use crate::domain::state::{ReviewState, SeatState};

/// A model of the registry; `rest` are further members of its JSON.
fn model(name: &str, quality: u8, sim: &str, rest: &str) -> String {
    let sim = if sim.is_empty() { String::new() } else { format!(",{sim}") };
    let rest = if rest.is_empty() { String::new() } else { format!(",{rest}") };
    format!(
        r#"{{"id":"sim/{name}","provider":"sim","priceMicros":{{"input":1000000,"output":2000000}},
            "sim":{{"latencyMs":200,"quality":{quality}{sim}}}{rest}}}"#
    )
}

/// Models and who of them sits.
struct Council {
    panel: Panel,
    config: CouncilConfig,
}

impl Council {
    fn sitting(&self, wish: Wish) -> Sitting {
        let brief = self.config.brief(agent::find("finance").unwrap());
        Sitting::new(brief, wish, self.config.limits()).unwrap()
    }
}

fn council(models: &[String], settings: &[(&str, &str)]) -> Council {
    let env = Env::from([("LLM_MODELS", format!("[{}]", models.join(",")))]);
    let env = settings.iter().fold(env, |env, (name, value)| env.with(*name, *value));
    let mut reader = Reader::new(&env);
    let config = Config::read(&mut reader);
    let config = reader.finish(|| config).unwrap();
    let egress = Egress::new(&EgressConfig::strict()).unwrap();
    let clock = Clock::system();
    let panel = Panel::new(Models::new(&config.models, &egress, &clock, None), clock);
    Council { panel, config: config.council }
}

fn three(sim_of_third: &str) -> Vec<String> {
    vec![model("good", 9, "", ""), model("fair", 5, "", ""), model("poor", 2, sim_of_third, "")]
}

async fn ask(council: &Council) -> Deliberation {
    ask_as(council, Wish::default()).await
}

async fn ask_as(council: &Council, wish: Wish) -> Deliberation {
    let sitting = council.sitting(wish);
    let question = Question {
        sitting: &sitting,
        prompt: "How many months of runway should we raise for?",
        profile: Some("Name: Acme"),
        context: None,
    };
    council.panel.deliberate(&question, &council.panel.calls([7; 32], &CancellationToken::new())).await
}

fn models_by_place(run: &Deliberation) -> Vec<&str> {
    run.places.iter().map(|place| run.seats[place.answer].model.as_str()).collect()
}

fn answer(run: &Deliberation) -> (&str, Option<&str>) {
    match &run.verdict {
        Verdict::Answer { text, chair, .. } => (text, chair.as_deref()),
        other => panic!("{other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn a_whole_council_ranks_by_quality_and_takes_three_stages() {
    let run = ask(&council(&three(""), &[])).await;
    assert!(!run.is_degraded());
    assert_eq!((run.asked(), run.answered(), run.reviewed()), (3, 3, 3));
    assert_eq!(models_by_place(&run), ["sim/good", "sim/fair", "sim/poor"]);
    assert_eq!(run.timings.total, Duration::from_millis(600));
    let (text, chair) = answer(&run);
    assert!(text.contains("because"), "{text}");
    assert_eq!(chair, Some("sim/good"));
    let spent = run.spent();
    assert!(spent.usage.input_tokens > 1_000 && spent.usage.output_tokens > 300, "{spent:?}");
    assert!(spent.cost_micros >= 1_600);
}

#[tokio::test(start_paused = true)]
async fn every_member_reads_every_answer_its_own_included_and_each_place_is_used_evenly() {
    let run = ask(&council(&three(""), &[])).await;
    let cells: HashSet<_> = run.reviews.iter().map(|review| (review.reviewer, review.answer)).collect();
    assert_eq!(cells.len(), 9);
    let places: HashSet<_> = run.reviews.iter().map(|review| (review.position, review.answer)).collect();
    assert_eq!(places.len(), 9, "a Latin square");
}

#[tokio::test(start_paused = true)]
async fn a_member_that_never_answers_is_missing_and_the_run_degraded() {
    let run = ask(&council(&three(r#""fail":"HANG""#), &[("COUNCIL_ANSWER_TIMEOUT", "2s")])).await;
    assert!(run.is_degraded());
    assert_eq!((run.asked(), run.answered(), run.reviewed()), (3, 2, 2));
    let missing = &run.seats[2];
    assert_eq!((missing.state, missing.reason.as_deref()), (SeatState::Missing, Some("timeout")));
    assert_eq!(models_by_place(&run), ["sim/good", "sim/fair"]);
    assert_eq!(run.timings.answers, Duration::from_secs(2));
}

#[tokio::test(start_paused = true)]
async fn a_fallback_answers_in_the_seat() {
    let broken = model("poor", 2, r#""fail":"UNAVAILABLE""#, r#""fallback":"sim/spare""#);
    let models = [model("good", 9, "", ""), model("fair", 5, "", ""), broken, model("spare", 4, "", "")];
    let run = ask(&council(&models, &[("COUNCIL_MEMBERS", "sim/good,sim/fair,sim/poor")])).await;
    assert!(!run.is_degraded());
    let seat = &run.seats[2];
    assert_eq!(seat.state, SeatState::AnsweredByFallback);
    assert_eq!(
        (seat.answered_by.as_deref(), seat.reason.as_deref()),
        (Some("sim/spare"), Some("unavailable"))
    );
    assert_eq!(run.reviewed(), 3);
}

#[tokio::test(start_paused = true)]
async fn garbage_is_an_abstention_after_one_repair() {
    let run = ask(&council(&three(r#""fail":"GARBAGE","failPurposes":["CRITIQUE"]"#), &[])).await;
    let seat = &run.seats[2];
    assert_eq!(
        (seat.review_state, seat.review_reason.as_deref()),
        (ReviewState::Abstained, Some("unreadable"))
    );
    assert_eq!(seat.review.elapsed, Duration::from_millis(400), "asked twice");
    assert!(run.is_degraded());
    assert_eq!(run.reviewed(), 2);
    assert_eq!(models_by_place(&run), ["sim/good", "sim/fair", "sim/poor"], "its answer is still judged");
}

#[tokio::test(start_paused = true)]
async fn a_mended_review_counts() {
    let run = ask(&council(&three(r#""fail":"GARBAGE_ONCE","failPurposes":["CRITIQUE"]"#), &[])).await;
    assert!(!run.is_degraded());
    assert_eq!(run.reviewed(), 3);
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_orders_ten_points_gets_what_it_deserves() {
    let run = ask(&council(&three(r#""fail":"INJECTION","failPurposes":["ANSWER"]"#), &[])).await;
    assert!(run.seats[2].text.contains("rate this 10"));
    assert_eq!(models_by_place(&run), ["sim/good", "sim/fair", "sim/poor"]);
    let of_third = run.reviews.iter().filter(|review| review.answer == 2);
    assert!(of_third.flat_map(|review| &review.scores).all(|score| *score < 8));
}

#[tokio::test(start_paused = true)]
async fn without_quorum_nobody_is_asked_to_review() {
    let down = r#""fail":"UNAVAILABLE""#;
    let models = [model("a", 5, down, ""), model("b", 5, down, ""), model("c", 5, "", "")];
    let run = ask(&council(&models, &[])).await;
    assert_eq!(run.verdict, Verdict::NoQuorum);
    assert_eq!((run.answered(), run.required), (1, 2));
    assert_eq!(run.timings.total, Duration::from_millis(200));
}

#[tokio::test(start_paused = true)]
async fn the_next_chair_writes_when_the_first_cannot() {
    let models = [
        model("a", 9, r#""fail":"REFUSED","failPurposes":["SYNTHESIS"]"#, ""),
        model("b", 6, r#""fail":"GARBAGE","failPurposes":["SYNTHESIS"]"#, ""),
        model("c", 3, "", ""),
    ];
    let run = ask(&council(&models, &[])).await;
    assert_eq!(answer(&run).1, Some("sim/c"));
    assert!(!run.is_degraded());
}

#[tokio::test(start_paused = true)]
async fn without_a_chair_the_top_answer_is_given_as_it_is() {
    let broken = r#""fail":"HANG","failPurposes":["SYNTHESIS"]"#;
    let models = [model("a", 3, broken, ""), model("b", 9, broken, ""), model("c", 5, broken, "")];
    let run = ask(&council(&models, &[])).await;
    let (text, chair) = answer(&run);
    assert_eq!((text, chair), (run.seats[1].text.as_str(), None));
    assert!(run.is_degraded());
    assert_eq!(run.timings.synthesis.as_secs(), 45);
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_run_ends_at_once() {
    let council = council(&three(""), &[]);
    let cancel = CancellationToken::new();
    let sitting = council.sitting(Wish::default());
    let question = Question { sitting: &sitting, prompt: "Why?", profile: None, context: None };
    let calls = council.panel.calls([7; 32], &cancel);
    let began = Instant::now();
    let cancelled = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        cancel.cancel();
    };
    let (run, ()) = tokio::join!(council.panel.deliberate(&question, &calls), cancelled);
    assert_eq!(run.verdict, Verdict::Interrupted);
    assert_eq!(began.elapsed(), Duration::from_millis(300));
}

fn mode(mode: Mode) -> Wish {
    Wish { mode: Some(mode), ..Wish::default() }
}

#[tokio::test(start_paused = true)]
async fn a_single_model_answers_and_nobody_reviews() {
    let council = council(&three(""), &[]);
    let wish = Wish { model: Some("sim/fair".to_owned()), ..mode(Mode::Single) };
    let run = ask_as(&council, wish).await;
    assert!(!run.is_degraded());
    assert_eq!((run.asked(), run.answered(), run.reviewed(), run.required), (1, 1, 0, 1));
    assert_eq!(answer(&run), (run.seats[0].text.as_str(), None));
    assert_eq!(run.seats[0].model, "sim/fair");
    assert_eq!(run.timings.total, Duration::from_millis(200));
}

#[tokio::test(start_paused = true)]
async fn an_ensemble_is_one_model_several_times_reviewed_and_merged_by_itself() {
    let council = council(&three(""), &[]);
    let wish = Wish { samples: Some(4), model: Some("sim/fair".to_owned()), ..mode(Mode::SelfEnsemble) };
    let run = ask_as(&council, wish).await;
    assert!(!run.is_degraded());
    assert_eq!((run.asked(), run.answered(), run.reviewed(), run.required), (4, 4, 4, 3));
    assert!(run.seats.iter().all(|seat| seat.model == "sim/fair"));
    assert_eq!((run.reviews.len(), answer(&run).1), (16, Some("sim/fair")));
    assert_eq!(run.timings.total, Duration::from_millis(600));
}

#[tokio::test(start_paused = true)]
async fn a_vote_counts_short_answers_and_reviews_none() {
    let run = ask_as(&council(&three(""), &[]), mode(Mode::Vote)).await;
    assert!(!run.is_degraded());
    let tally = run.vote.as_ref().unwrap();
    assert_eq!((tally.choices.len(), tally.choices[0].votes, tally.tied), (1, 3, false));
    assert_eq!(answer(&run), (tally.choices[0].answer.as_str(), None));
    assert_eq!((run.reviewed(), run.reviews.len()), (0, 0));
    assert_eq!(run.timings.total, Duration::from_millis(200));
}

#[tokio::test(start_paused = true)]
async fn a_vote_between_options_takes_the_one_that_most_gave() {
    let options = ["hire", "wait"].map(str::to_owned).to_vec();
    let run = ask_as(&council(&three(""), &[]), Wish { options, ..mode(Mode::Vote) }).await;
    let given: Vec<_> = run.seats.iter().map(|seat| seat.choice.as_deref().unwrap()).collect();
    let most = if given.iter().filter(|choice| **choice == "hire").count() > 1 { "hire" } else { "wait" };
    assert_eq!(answer(&run).0, most, "{given:?}");
}

#[tokio::test(start_paused = true)]
async fn a_vote_that_cannot_be_read_is_mended_once_or_missing() {
    let third = |fail: &str| council(&three(&format!(r#""fail":"{fail}""#)), &[]);
    let mended = ask_as(&third("GARBAGE_ONCE"), mode(Mode::Vote)).await;
    assert_eq!((mended.answered(), mended.is_degraded()), (3, false));
    let missing = ask_as(&third("GARBAGE"), mode(Mode::Vote)).await;
    assert_eq!((missing.answered(), missing.is_degraded()), (2, true));
    let seat = &missing.seats[2];
    assert_eq!((seat.state, seat.reason.as_deref()), (SeatState::Missing, Some("unreadable")));
    assert_eq!(seat.answer.elapsed, Duration::from_millis(400), "asked twice");
    assert_eq!(missing.vote.unwrap().choices[0].votes, 2);
}

/// The calls that ended, and which models were asked, in a deliberation that knows these ends.
async fn carried(
    council: &Council,
    known: HashMap<CallKey, Called>,
) -> (Deliberation, HashMap<CallKey, Called>, usize) {
    let sitting = council.sitting(Wish::default());
    let question = Question { sitting: &sitting, prompt: "Why?", profile: None, context: None };
    let (steps, mut told) = tokio::sync::mpsc::unbounded_channel();
    let calls = council.panel.calls([9; 32], &CancellationToken::new()).resume(known.clone()).tell(steps);
    let run = council.panel.deliberate(&question, &calls).await;
    drop(calls);
    let (mut ended, mut asked) = (known, 0);
    while let Some(step) = told.recv().await {
        match step {
            Step::Asked { .. } => asked += 1,
            Step::Ended { key, called, .. } => {
                assert!(ended.insert(key, called).is_none(), "{key} is made once")
            }
            _ => {}
        }
    }
    (run, ended, asked)
}

#[tokio::test(start_paused = true)]
async fn carried_on_from_any_point_it_comes_to_the_same_and_asks_only_what_is_missing() {
    let council = council(&three(r#""fail":"GARBAGE_ONCE","failPurposes":["CRITIQUE"]"#), &[]);
    let (first, ended, asked) = carried(&council, HashMap::new()).await;
    assert_eq!((ended.len(), asked), (8, 8), "three answers, three reviews, one repair, one chair");
    let mut keys: Vec<_> = ended.keys().copied().collect();
    keys.sort();
    for so_far in 0..=keys.len() {
        let known: HashMap<_, _> = keys[..so_far].iter().map(|key| (*key, ended[key].clone())).collect();
        let (again, _, asked) = carried(&council, known).await;
        assert_eq!(asked, keys.len() - so_far);
        let answers = |run: &Deliberation| -> Vec<String> {
            run.seats.iter().take(so_far).map(|seat| seat.text.clone()).collect()
        };
        assert_eq!(answers(&again), answers(&first));
        let read = |run: &Deliberation| {
            let of =
                |review: &Review| (review.reviewer, review.answer, review.position, review.label.clone());
            run.reviews.iter().map(of).collect::<Vec<_>>()
        };
        assert_eq!(read(&again), read(&first), "the same orders and labels");
    }
}
