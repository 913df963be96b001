use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use chrono::TimeDelta;
use witan_clock::{Clock, ManualClock};
use witan_ids::{SessionId, UserId};

use super::ISSUER;
use crate::{
    AccessError, Denial, MAX_OUTSIDE_TOKEN_BYTES, OutsideTokenRecord, OutsideTokenSource,
    OutsideTokenVerdict, OutsideTokens, Revocations,
};

const TRUSTED: &str = "https://issuer.example";

#[derive(Default)]
struct Source {
    verdicts: Mutex<HashMap<String, OutsideTokenVerdict>>,
    judged: AtomicU32,
    listed: AtomicU32,
    away: AtomicBool,
    /// Holds answers back, as a slow network does.
    slow: Mutex<Option<Duration>>,
}

impl Source {
    fn answers(&self) -> Result<(), AccessError> {
        match self.away.load(Ordering::SeqCst) {
            true => Err(AccessError::unavailable("auth", "on purpose")),
            false => Ok(()),
        }
    }

    async fn wait(&self) {
        let slow = *self.slow.lock().unwrap();
        if let Some(slow) = slow {
            tokio::time::sleep(slow).await;
        }
    }
}

#[async_trait]
impl OutsideTokenSource for Source {
    async fn issuers(&self) -> Result<Vec<String>, AccessError> {
        self.listed.fetch_add(1, Ordering::SeqCst);
        self.wait().await;
        self.answers()?;
        // One that is trusted by mistake: ours needs nobody else's word.
        Ok(vec![TRUSTED.to_owned(), ISSUER.to_owned()])
    }

    async fn judge(&self, token: &str) -> Result<OutsideTokenVerdict, AccessError> {
        self.judged.fetch_add(1, Ordering::SeqCst);
        let verdict = self.verdicts.lock().unwrap().get(token).cloned();
        self.wait().await;
        self.answers()?;
        Ok(verdict.unwrap_or(OutsideTokenVerdict::Refused))
    }
}

struct World {
    time: ManualClock,
    clock: Clock,
    source: Arc<Source>,
    revocations: Revocations,
    tokens: OutsideTokens,
}

impl World {
    fn new() -> Self {
        let time = ManualClock::at("2026-08-20T09:00:00Z".parse().unwrap());
        let (clock, source) = (time.clock(), Arc::new(Source::default()));
        let revocations = Revocations::new(clock.clone());
        let tokens = OutsideTokens::new(ISSUER, source.clone(), revocations.clone(), clock.clone());
        Self { time, clock, source, revocations, tokens }
    }

    /// A token that auth takes, and the session that it gives.
    fn token(&self) -> (String, SessionId) {
        let token = token(TRUSTED, &UserId::generate(&self.clock).to_string());
        let record = OutsideTokenRecord {
            user_id: UserId::generate(&self.clock),
            session_id: SessionId::generate(&self.clock),
            default_workspace_id: None,
            expires_at: self.clock.now() + TimeDelta::minutes(5),
            authenticated_at: self.clock.now(),
            methods: vec!["fed".to_owned()],
            platform_admin: false,
        };
        let session = record.session_id;
        self.says(&token, OutsideTokenVerdict::Accepted(record));
        (token, session)
    }

    fn says(&self, token: &str, verdict: OutsideTokenVerdict) {
        self.source.verdicts.lock().unwrap().insert(token.to_owned(), verdict);
    }

    fn asked(&self) -> (u32, u32) {
        (self.source.listed.load(Ordering::SeqCst), self.source.judged.load(Ordering::SeqCst))
    }

    async fn denial(&self, token: &str) -> Denial {
        match self.tokens.verify(token).await {
            Err(AccessError::Denied(denial)) => denial,
            other => panic!("not denied: {other:?}"),
        }
    }
}

fn token(issuer: &str, subject: &str) -> String {
    let part = |text: String| BASE64_URL_SAFE_NO_PAD.encode(text);
    let header = part(r#"{"alg":"RS256","typ":"JWT"}"#.to_owned());
    format!("{header}.{}.c2lnbmF0dXJl", part(format!(r#"{{"iss":"{issuer}","sub":"{subject}"}}"#)))
}

#[tokio::test(start_paused = true)]
async fn a_token_is_asked_for_once_and_believed_for_seconds() {
    let world = World::new();
    let (token, session) = world.token();
    for _ in 0..10 {
        assert!(world.tokens.claims(&token).await.unwrap());
        let principal = world.tokens.verify(&token).await.unwrap();
        assert_eq!(principal.session_id(), Some(session));
        assert!(principal.api_key().is_none() && !principal.has_second_factor());
    }
    assert_eq!(world.asked(), (1, 1));
    world.tokens.clear();
    world.tokens.verify(&token).await.unwrap();
    assert_eq!(world.asked(), (1, 2));
}

#[tokio::test(start_paused = true)]
async fn made_up_issuers_and_our_own_cost_no_call_a_request() {
    let world = World::new();
    let twice = token(TRUSTED, "x").replace('.', "..");
    for _ in 0..10 {
        for foreign in [token("https://evil.example", "x"), token("https://issuer.example/", "x")] {
            assert!(!world.tokens.claims(&foreign).await.unwrap());
        }
    }
    for own in [token(ISSUER, "x"), String::new(), "a.b.c".to_owned(), twice] {
        assert!(!world.tokens.claims(&own).await.unwrap(), "{own}");
    }
    let long = token(TRUSTED, &"x".repeat(MAX_OUTSIDE_TOKEN_BYTES));
    assert!(!world.tokens.claims(&long).await.unwrap());
    assert_eq!(world.denial(&long).await, Denial::Malformed);
    assert_eq!(world.asked(), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn the_list_of_issuers_is_fetched_again_after_minutes_and_used_on_while_auth_is_away() {
    let world = World::new();
    let token = token(TRUSTED, "x");
    assert!(world.tokens.claims(&token).await.unwrap());
    world.source.away.store(true, Ordering::SeqCst);
    // The list's age is of the machine's clock, which `tokio` holds here.
    tokio::time::advance(Duration::from_secs(301)).await;
    for _ in 0..10 {
        assert!(world.tokens.claims(&token).await.unwrap());
    }
    assert_eq!(world.asked().0, 2);
    tokio::time::advance(Duration::from_secs(11)).await;
    assert!(world.tokens.claims(&token).await.unwrap());
    assert_eq!(world.asked().0, 3);
}

#[tokio::test(start_paused = true)]
async fn nobody_guesses_while_auth_is_away() {
    let world = World::new();
    let (token, _) = world.token();
    world.source.away.store(true, Ordering::SeqCst);
    for _ in 0..10 {
        let answer = world.tokens.claims(&token).await;
        assert!(matches!(answer, Err(AccessError::Unavailable { .. })), "{answer:?}");
    }
    assert_eq!(world.asked().0, 1, "nor is it asked again and again");
    let answer = world.tokens.verify(&token).await;
    assert!(matches!(answer, Err(AccessError::Unavailable { .. })), "{answer:?}");
    world.source.away.store(false, Ordering::SeqCst);
    tokio::time::advance(Duration::from_secs(1)).await;
    assert!(world.tokens.claims(&token).await.unwrap());
    world.tokens.verify(&token).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn nobody_waits_for_an_answer_for_ever() {
    let world = World::new();
    let (token, _) = world.token();
    *world.source.slow.lock().unwrap() = Some(Duration::from_secs(3600));
    assert!(matches!(world.tokens.claims(&token).await, Err(AccessError::Unavailable { .. })));
    assert!(matches!(world.tokens.verify(&token).await, Err(AccessError::Unavailable { .. })));
}

#[tokio::test(start_paused = true)]
async fn what_is_refused_is_not_asked_for_again_and_again_and_says_why_as_ours_do() {
    let world = World::new();
    let verdicts = [
        (OutsideTokenVerdict::Refused, Denial::Outside),
        (OutsideTokenVerdict::Expired, Denial::Expired),
        (OutsideTokenVerdict::Ended, Denial::Revoked),
    ];
    for (at, (verdict, denial)) in verdicts.into_iter().enumerate() {
        let (token, _) = world.token();
        world.says(&token, verdict);
        for _ in 0..10 {
            assert_eq!(world.denial(&token).await, denial);
        }
        assert_eq!(world.asked().1 as usize, at + 1);
    }
}

#[tokio::test(start_paused = true)]
async fn an_ended_session_is_refused_at_once_also_when_an_answer_was_under_way() {
    let world = World::new();
    let (token, session) = world.token();
    *world.source.slow.lock().unwrap() = Some(Duration::from_secs(1));
    let (answer, ()) = tokio::join!(world.tokens.verify(&token), async {
        tokio::time::sleep(Duration::from_millis(500)).await;
        world.revocations.revoke(session, world.clock.now() + TimeDelta::minutes(15));
    });
    assert!(matches!(answer, Err(AccessError::Denied(Denial::Revoked))), "{answer:?}");
    assert_eq!(world.denial(&token).await, Denial::Revoked);
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_was_under_way_while_all_was_forgotten_is_not_kept() {
    let world = World::new();
    let (good, _) = world.token();
    let (bad, _) = world.token();
    world.says(&bad, OutsideTokenVerdict::Refused);
    *world.source.slow.lock().unwrap() = Some(Duration::from_secs(1));
    let (_, _, ()) = tokio::join!(world.tokens.verify(&good), world.tokens.verify(&bad), async {
        tokio::time::sleep(Duration::from_millis(500)).await;
        world.tokens.clear();
    });
    assert_eq!(world.asked().1, 2);
    let (_, _) = tokio::join!(world.tokens.verify(&good), world.tokens.verify(&bad));
    assert_eq!(world.asked().1, 4);
}

#[tokio::test(start_paused = true)]
async fn a_token_that_is_kept_ends_all_the_same() {
    let world = World::new();
    let (token, _) = world.token();
    world.tokens.verify(&token).await.unwrap();
    world.time.advance(Duration::from_secs(5 * 60));
    // Auth may have prolonged what it said; it has not.
    assert_eq!(world.denial(&token).await, Denial::Expired);
    assert_eq!(world.asked().1, 2);
}
