//! The limits, behind bare actix-web handlers.

use std::net::SocketAddr;
use std::sync::Arc;

use actix_web::{App, HttpResponse, HttpServer, web};
use anyhow::{Context as _, Result, anyhow};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Uuid as SqlUuid};
use diesel_async::pooled_connection::AsyncDieselConnectionManager;
use diesel_async::pooled_connection::deadpool::Pool;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::{Deserialize, Serialize};
use witan_access::Claims;
use witan_ids::SessionId;
use witan_pg::sql;

use crate::bare::{POOL, WORKERS};

#[derive(Serialize, Deserialize)]
struct Link {
    session: SessionId,
}

#[derive(QueryableByName)]
struct Counter {
    #[diesel(sql_type = BigInt)]
    counter: i64,
}

/// Bytes of an access token before its signature.
const CLAIMS: usize = 500;

/// As `services/auth` does it, without the tokens: whoever has the newest counter moves it.
const ROTATE: &str = "
    UPDATE auth.sessions s
    SET counter = s.counter + 1, spent = (ARRAY[now()] || s.spent)[1:4], last_used_at = now(),
        idle_expires_at = LEAST(now() + interval '7 days', s.expires_at),
        access_expires_at = LEAST(now() + interval '15 minutes', s.expires_at)
    FROM auth.users u
    WHERE s.id = $1 AND s.revoked_at IS NULL AND s.idle_expires_at > now() AND s.expires_at > now()
      AND u.id = s.user_id AND u.state = 'ACTIVE'
    RETURNING s.counter";

/// What the limits of a refresh work with.
struct Rotation {
    pool: Pool<AsyncPgConnection>,
    key: RsaKeyPair,
}

/// Serves the UPDATE until the process ends, as Diesel sends it (`/refresh`), prepared once (`/prepared`), and with the
/// signature that a refresh cannot do without (`/signed`); gives the address.
pub(super) fn serve(database_url: &str) -> Result<SocketAddr> {
    let manager = AsyncDieselConnectionManager::<AsyncPgConnection>::new(database_url);
    let pool = Pool::builder(manager).max_size(POOL).build().context("no pool")?;
    let key = RsaKeyPair::generate(KeySize::Rsa2048).map_err(|_| anyhow!("no key"))?;
    let rotation = web::Data::new(Rotation { pool, key });
    start(move |app| {
        app.app_data(rotation.clone())
            .route("/refresh", web::post().to(rotate))
            .route("/prepared", web::post().to(rotate_prepared))
            .route("/signed", web::post().to(rotate_signed));
    })
}

async fn rotate(rotation: web::Data<Rotation>, link: web::Json<Link>) -> HttpResponse {
    let Ok(mut connection) = rotation.pool.get().await else { return busy() };
    let query = diesel::sql_query(ROTATE).bind::<SqlUuid, _>(link.session);
    answer(query.get_result::<Counter>(&mut connection).await, link)
}

async fn rotate_prepared(rotation: web::Data<Rotation>, link: web::Json<Link>) -> HttpResponse {
    let Ok(mut connection) = rotation.pool.get().await else { return busy() };
    let query = sql(ROTATE).bind::<SqlUuid, _>(link.session);
    answer(query.get_result::<Counter>(&mut connection).await, link)
}

async fn rotate_signed(rotation: web::Data<Rotation>, link: web::Json<Link>) -> HttpResponse {
    let mut signature = vec![0; rotation.key.public_modulus_len()];
    let (random, claims) = (SystemRandom::new(), [b'x'; CLAIMS]);
    if rotation.key.sign(&RSA_PKCS1_SHA256, &random, &claims, &mut signature).is_err() {
        return busy();
    }
    rotate_prepared(rotation, link).await
}

fn answer(rotated: QueryResult<Counter>, link: web::Json<Link>) -> HttpResponse {
    match rotated {
        Ok(row) if row.counter > 0 => HttpResponse::Ok().json(link.into_inner()),
        _ => HttpResponse::Conflict().finish(),
    }
}

fn busy() -> HttpResponse {
    HttpResponse::ServiceUnavailable().finish()
}

#[derive(Deserialize)]
struct Shown {
    token: String,
}

struct Verifier {
    key: DecodingKey,
    rules: Validation,
}

/// Serves the verification of tokens of one key; gives the address.
pub(super) fn serve_verifier(key: Jwk) -> Result<SocketAddr> {
    let mut rules = Validation::new(Algorithm::RS256);
    rules.set_audience(&["auth"]);
    let verifier = Arc::new(Verifier { key: DecodingKey::from_jwk(&key)?, rules });
    start(move |app| {
        app.app_data(web::Data::from(verifier.clone())).route("/verify", web::post().to(verify));
    })
}

async fn verify(verifier: web::Data<Verifier>, shown: web::Json<Shown>) -> HttpResponse {
    match jsonwebtoken::decode::<Claims>(&shown.token, &verifier.key, &verifier.rules) {
        Ok(token) => HttpResponse::Ok().json(token.claims),
        Err(_) => HttpResponse::Unauthorized().finish(),
    }
}

fn start(configure: impl Fn(&mut web::ServiceConfig) + Clone + Send + 'static) -> Result<SocketAddr> {
    let server = HttpServer::new(move || App::new().configure(configure.clone()))
        .workers(WORKERS)
        .disable_signals()
        .bind(("127.0.0.1", 0))?;
    let address = server.addrs()[0];
    let server = server.run();
    std::thread::spawn(move || actix_web::rt::System::new().block_on(server));
    Ok(address)
}
