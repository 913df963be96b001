//! A real auth service with many people.

use anyhow::{Context as _, Result};
use futures_util::stream::{StreamExt as _, iter};
use serde_json::json;
use witan_auth::Auth;
use witan_testkit::{Answer, Client, TestService, eventually};

use crate::handlers::service;

/// Enough that none of them logs in so often that sessions have to end.
const PEOPLE: usize = 400;
pub(super) const PASSWORD: &str = "correct-horse-battery-staple-42";

/// The service and its people.
pub(super) struct World {
    pub(super) service: TestService<Auth>,
    /// One for all: to make a client takes longer than to log in.
    visitor: Client,
}

impl World {
    pub(super) async fn start() -> Result<Self> {
        let service = service::<Auth>().await;
        let world = Self { visitor: service.anon(), service };
        let registrations = (0..PEOPLE).map(|number| world.register(number));
        iter(registrations).buffer_unordered(4).collect::<Vec<()>>().await;
        let client = world.service.database().superuser().await?;
        // What a click on each mailed link does, without the mails.
        let verify =
            "UPDATE auth.users u SET state = 'ACTIVE', verified_at = now(), password_hash = r.password_hash
            FROM auth.registrations r WHERE r.user_id = u.id; DELETE FROM auth.registrations";
        client.batch_execute(verify).await.context("the people cannot be verified")?;
        eventually("the mails are out of the way", async || {
            let idle = "SELECT count(*) FROM auth.jobs WHERE state IN ('ready', 'running')";
            client.query_one(idle, &[]).await.is_ok_and(|row| row.get::<_, i64>(0) == 0)
        })
        .await;
        Ok(world)
    }

    async fn register(&self, number: usize) {
        let body = json!({ "email": address(number), "password": PASSWORD });
        let _ = self.visitor.post("/api/v1/auth/register", body).await.expect(202);
    }

    pub(super) async fn login(&self, number: usize, password: &str) -> Answer {
        let body = json!({ "email": address(number), "password": password });
        self.visitor.post("/api/v1/auth/login", body).await
    }

    pub(super) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.service.running().public_addr)
    }
}

/// The address of one of the people; past the last there is nobody.
pub(super) fn address(number: usize) -> String {
    format!("bench-{}@example.org", number)
}

/// The number of somebody with an account.
pub(super) fn somebody(number: usize) -> usize {
    number % PEOPLE
}
