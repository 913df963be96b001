use proptest::prelude::*;

use super::*;

const RULES: RefreshRules =
    RefreshRules { grace: TimeDelta::seconds(10), parent_window: TimeDelta::seconds(60) };

fn at(millis: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::milliseconds(millis)
}

fn chain(spent_seconds: &[i64]) -> RefreshChain {
    spent_seconds.iter().fold(RefreshChain::start(), |chain, second| chain.rotate(at(second * 1000)))
}

#[test]
fn the_newest_rotates_whatever_its_age() {
    let chain = chain(&[0, 100]);
    assert_eq!(chain.judge(2, at(1_000_000_000), &RULES), Verdict::Rotate);
}

#[test]
fn the_parent_is_forgiven_for_a_minute() {
    let chain = chain(&[0, 100]);
    assert_eq!(chain.judge(1, at(160_000), &RULES), Verdict::Repeat);
    assert_eq!(chain.judge(1, at(160_001), &RULES), Verdict::Reuse);
}

#[test]
fn a_grandparent_is_forgiven_only_within_the_grace() {
    let chain = chain(&[95, 100]);
    assert_eq!(chain.judge(0, at(105_000), &RULES), Verdict::Repeat);
    assert_eq!(chain.judge(0, at(105_001), &RULES), Verdict::Reuse);
}

#[test]
fn the_parent_is_not_forgiven_once_its_successor_was_used() {
    let before = chain(&[100]);
    assert_eq!(before.judge(0, at(130_000), &RULES), Verdict::Repeat);
    let after = before.rotate(at(120_000));
    assert_eq!(after.judge(0, at(130_000), &RULES), Verdict::Reuse);
}

#[test]
fn a_token_from_the_future_is_unknown_and_a_forgotten_one_reuse() {
    let seconds: Vec<i64> = vec![0; 20];
    let chain = chain(&seconds);
    assert_eq!(chain.spent.len(), REMEMBERED);
    assert_eq!(chain.judge(21, at(0), &RULES), Verdict::Unknown);
    assert_eq!(chain.judge(4, at(0), &RULES), Verdict::Repeat);
    assert_eq!(chain.judge(3, at(0), &RULES), Verdict::Reuse);
    assert_eq!(chain.judge(i64::MIN + 21, at(0), &RULES), Verdict::Reuse);
}

/// What happens to a session, as its server sees it.
#[derive(Debug, Clone)]
enum Step {
    /// A tab refreshes with the token it holds and gets the answer.
    Refresh { tab: usize },
    /// The same, but the answer is lost on the way; the tab tries again at once.
    LostAnswer { tab: usize },
    /// All tabs refresh with what they hold in the same instant, as after a laptop wakes.
    Together,
    /// Time passes; every honest tab picks up the shared token now and then, so it never lags.
    Wait { millis: i64 },
}

const TABS: usize = 4;

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0..TABS).prop_map(|tab| Step::Refresh { tab }),
        2 => (0..TABS).prop_map(|tab| Step::LostAnswer { tab }),
        2 => Just(Step::Together),
        3 => (0_i64..900_000).prop_map(|millis| Step::Wait { millis }),
    ]
}

/// A session together with the clients that share it.
struct World {
    chain: RefreshChain,
    now: i64,
    held: [i64; TABS],
}

impl World {
    fn new() -> Self {
        Self { chain: RefreshChain::start(), now: 0, held: [0; TABS] }
    }

    fn show(&mut self, token: i64) -> Result<i64, Verdict> {
        match self.chain.judge(token, at(self.now), &RULES) {
            Verdict::Rotate => self.chain = self.chain.rotate(at(self.now)),
            Verdict::Repeat => {}
            other => return Err(other),
        }
        Ok(self.chain.counter)
    }

    fn take(&mut self, step: &Step) -> Result<(), Verdict> {
        match *step {
            Step::Refresh { tab } => self.held[tab] = self.show(self.held[tab])?,
            Step::LostAnswer { tab } => {
                self.show(self.held[tab])?;
                self.held[tab] = self.show(self.held[tab])?;
            }
            Step::Together => {
                let before = self.held;
                for (tab, token) in before.into_iter().enumerate() {
                    self.held[tab] = self.show(token)?;
                }
            }
            // Tabs of one browser share storage: after a pause each holds the newest token.
            Step::Wait { millis } => {
                self.now += millis;
                self.held = [self.chain.counter; TABS];
            }
        }
        Ok(())
    }
}

proptest! {
    /// Honest tabs that refresh within the same ten seconds, with any answers lost, are never signed out.
    #[test]
    fn honest_tabs_stay_signed_in(steps in prop::collection::vec(step(), 1..40)) {
        let mut world = World::new();
        let mut rotations_at_once = 0;
        for step in &steps {
            if matches!(step, Step::Wait { .. }) { rotations_at_once = 0 } else { rotations_at_once += 1 }
            prop_assume!(rotations_at_once < REMEMBERED / 2);
            prop_assert_eq!(world.take(step), Ok(()), "at {:?}", step);
        }
    }

    /// Any number of clients that show one token in the same instant share exactly one successor.
    #[test]
    fn a_stampede_makes_one_successor(clients in 1_usize..100) {
        let mut world = World::new();
        let successors: Vec<_> = (0..clients).map(|_| world.show(0)).collect();
        prop_assert!(successors.iter().all(|successor| *successor == Ok(1)));
    }

    /// A copied token helps at most until the owner has refreshed and a minute has passed: from then on either
    /// the thief's or the owner's next move ends the session.
    #[test]
    fn a_thief_is_found_out(refreshes in 1_i64..30, late in 60_001_i64..10_000_000, thief_first: bool) {
        let mut world = World::new();
        let stolen = 0;
        let mut owner = stolen;
        if thief_first {
            world.show(stolen).unwrap();
        } else {
            for _ in 0..refreshes {
                world.now += 11_000;
                owner = world.show(owner).unwrap();
            }
        }
        world.now += late;
        let loser = if thief_first { owner } else { stolen };
        prop_assert_eq!(world.show(loser), Err(Verdict::Reuse));
    }

    /// Whatever is shown in whatever order, only the newest token ever moves the counter, and by one.
    #[test]
    fn only_the_newest_moves_the_counter(shown in prop::collection::vec((0_i64..8, 0_i64..90_000), 1..60)) {
        let mut world = World::new();
        for (token, wait) in shown {
            world.now += wait;
            let before = world.chain.clone();
            let answer = world.show(token);
            let moved = world.chain.counter - before.counter;
            prop_assert_eq!(moved, i64::from(token == before.counter));
            prop_assert!(answer.is_err() || answer == Ok(world.chain.counter));
        }
    }
}
