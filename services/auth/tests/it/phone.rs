//! A phone with an authenticator app, and what is done with it again and again.

use std::time::Duration;

use serde_json::{Value, json};
use witan_auth::domain::totp::TotpSecret;
use witan_testkit::Answer;

use crate::world::{PASSWORD, World};

pub(crate) const TOTP: &str = "/api/v1/auth/factors/totp";
pub(crate) const FACTORS: &str = "/api/v1/auth/factors";
pub(crate) const STEP_UP: &str = "/api/v1/auth/step-up";
const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// The app, and the codes that its owner put on paper.
pub(crate) struct Phone {
    pub(crate) secret: TotpSecret,
    pub(crate) paper: Vec<String>,
}

impl Phone {
    /// Reads the secret as an app would.
    pub(crate) async fn begin(world: &World, access: &str) -> Self {
        let setup = world.with_token(access).post(TOTP, ()).await.expect(200);
        let secret = TotpSecret::from_bytes(&base32(&setup.text_at("/secret"))).unwrap();
        assert!(setup.text_at("/uri").starts_with("otpauth://totp/Witan:"), "{}", setup.text_at("/uri"));
        Self { secret, paper: Vec::new() }
    }

    /// Somebody with a phone.
    pub(crate) async fn of(world: &World, access: &str) -> Self {
        let mut phone = Self::begin(world, access).await;
        let confirmed = phone.confirm(world, access, json!({})).await.expect(200);
        let codes = confirmed.json["recoveryCodes"].as_array().unwrap();
        phone.paper = codes.iter().map(|code| code.as_str().unwrap().to_owned()).collect();
        phone
    }

    pub(crate) async fn confirm(&self, world: &World, access: &str, more: Value) -> Answer {
        let mut body = json!({"code": self.code(world)});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        world.with_token(access).post(&format!("{TOTP}/confirm"), body).await
    }

    /// What it shows.
    pub(crate) fn code(&self, world: &World) -> String {
        self.secret.code(world.service.clock().now()).text()
    }

    /// What it shows half a minute later.
    pub(crate) fn next_code(&self, world: &World) -> String {
        world.time.advance(Duration::from_secs(30));
        self.code(world)
    }

    /// Something that it does not show.
    pub(crate) fn wrong_code(&self, world: &World) -> String {
        let now = world.service.clock().now();
        let near = [-30, 0, 30].map(|s| self.secret.code(now + chrono::TimeDelta::seconds(s)).text());
        (0..).map(|n| format!("{n:06}")).find(|code| !near.contains(code)).unwrap()
    }
}

/// A log-in up to the second factor: the token that goes on with it.
pub(crate) async fn challenged(world: &World, email: &str) -> String {
    let answer = world.login(email, PASSWORD).await.expect(202);
    assert!(answer.json.get("accessToken").is_none() && answer.json.get("refreshToken").is_none());
    answer.text_at("/challengeToken")
}

pub(crate) async fn show_code(world: &World, challenge: &str, code: &str) -> Answer {
    let body = json!({"challengeToken": challenge, "code": code});
    world.anon().post("/api/v1/auth/login/totp", body).await
}

pub(crate) async fn show_paper(world: &World, challenge: &str, code: &str) -> Answer {
    let body = json!({"challengeToken": challenge, "recoveryCode": code});
    world.anon().post("/api/v1/auth/login/recovery-code", body).await
}

/// How the session of these tokens has been proved by its next refresh.
pub(crate) async fn methods_after_refresh(world: &World, session: &Answer) -> Vec<String> {
    let body = json!({"refreshToken": session.text_at("/refreshToken")});
    let refreshed = world.anon().post("/api/v1/auth/refresh", body).await.expect(200);
    methods(world, &refreshed).await
}

pub(crate) async fn methods(world: &World, session: &Answer) -> Vec<String> {
    world.verify(&session.text_at("/accessToken")).await.1.amr
}

fn base32(text: &str) -> Vec<u8> {
    let (mut bytes, mut bits, mut count) = (Vec::new(), 0_u32, 0);
    for character in text.bytes() {
        let value = ALPHABET.iter().position(|known| *known == character).unwrap();
        (bits, count) = (bits << 5 | u32::try_from(value).unwrap(), count + 5);
        if count >= 8 {
            count -= 8;
            bytes.push(((bits >> count) & 255) as u8);
        }
    }
    bytes
}
