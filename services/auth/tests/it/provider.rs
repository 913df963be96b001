//! An identity provider, well-behaved unless told otherwise.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der};
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RsaKeyPair,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};
use url::form_urlencoded;
use witan_clock::Clock;

/// What we are called there.
pub(crate) const CLIENT: &str = "witan & friends";
pub(crate) const SECRET: &str = "top:secret/+ é";

/// A real server on a port of its own.
pub(crate) struct Provider {
    pub(crate) issuer: String,
    shared: Arc<Shared>,
    server: ServerHandle,
}

/// How it behaves; tests change what they are about.
pub(crate) struct Behaviour {
    /// Fields of the discovery document that are different.
    pub(crate) discovery: Value,
    /// Claims that are different; `null` takes one away.
    pub(crate) claims: Value,
    /// Claims of the user info endpoint.
    pub(crate) userinfo: Value,
    pub(crate) algorithm: Forged,
    pub(crate) typ: Option<&'static str>,
    pub(crate) kid: Option<&'static str>,
    /// What the token endpoint answers instead.
    pub(crate) token_status: Option<(u16, Value)>,
    /// It takes this long.
    pub(crate) token_delay: Duration,
    /// What its key set holds besides.
    pub(crate) odd_keys: Vec<Value>,
    /// It does not publish the key that it signs with.
    pub(crate) hides_keys: bool,
}

/// How a token is signed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Forged {
    No(Algorithm),
    /// No signature at all.
    None,
    /// The public key as a shared secret.
    SharedSecret,
    /// By a key of somebody else with the id of the right one.
    OtherKey,
}

struct Shared {
    clock: Clock,
    rsa: Pair,
    ec: Pair,
    ed: Pair,
    other: Pair,
    state: Mutex<State>,
}

struct State {
    issuer: String,
    behaviour: Behaviour,
    codes: HashMap<String, HashMap<String, String>>,
    asked: Vec<String>,
}

struct Pair {
    signing: EncodingKey,
    jwk: Value,
}

impl Provider {
    pub(crate) async fn start(clock: Clock) -> Self {
        let state = State {
            issuer: String::new(),
            behaviour: Behaviour::default(),
            codes: HashMap::new(),
            asked: Vec::new(),
        };
        let (rsa, other) = (rsa("one"), rsa("one"));
        let shared =
            Arc::new(Shared { clock, rsa, other, ec: ec("two"), ed: ed("three"), state: Mutex::new(state) });
        let data = web::Data::from(shared.clone());
        let server = HttpServer::new(move || {
            App::new()
                .app_data(data.clone())
                .route("/.well-known/openid-configuration", web::get().to(discovery))
                .route("/keys", web::get().to(keys))
                .route("/token", web::post().to(token))
                .route("/userinfo", web::get().to(userinfo))
        })
        .workers(1)
        .disable_signals()
        .bind("127.0.0.1:0")
        .unwrap();
        let issuer = format!("http://{}", server.addrs()[0]);
        shared.lock().issuer.clone_from(&issuer);
        let running = server.run();
        let handle = running.handle();
        #[expect(clippy::disallowed_methods, reason = "stopped when the provider is dropped")]
        tokio::spawn(running);
        Self { issuer, shared, server: handle }
    }

    /// Changes how it behaves.
    pub(crate) fn behave(&self, change: impl FnOnce(&mut Behaviour)) {
        change(&mut self.shared.lock().behaviour);
    }

    /// What a person who agrees brings back from where they were sent.
    pub(crate) fn agree(&self, location: &str) -> String {
        let url = url::Url::parse(location).unwrap();
        assert_eq!(url.path(), "/authorize");
        let asked: HashMap<String, String> = url.query_pairs().into_owned().collect();
        assert_eq!(asked["response_type"], "code");
        assert_eq!(asked["client_id"], CLIENT);
        assert_eq!(asked["code_challenge_method"], "S256");
        assert!(asked["scope"].split(' ').any(|scope| scope == "openid"));
        let code = format!("code {}", self.shared.clock.uuid_v7());
        let back = form_urlencoded::Serializer::new(String::new())
            .append_pair("code", &code)
            .append_pair("state", &asked["state"])
            .append_pair("iss", &self.issuer)
            .append_pair("session_state", "what providers add")
            .finish();
        self.shared.lock().codes.insert(code, asked);
        back
    }

    /// A token made for somebody else's use.
    pub(crate) fn issue(&self, claims: Value) -> String {
        self.shared.sign(&claims)
    }

    /// What was asked so far, by path.
    pub(crate) fn asked(&self, path: &str) -> usize {
        self.shared.lock().asked.iter().filter(|asked| *asked == path).count()
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        #[expect(clippy::let_underscore_future, reason = "stopping begins at once")]
        let _ = self.server.stop(false);
    }
}

impl Default for Behaviour {
    fn default() -> Self {
        Self {
            discovery: json!({}),
            claims: json!({}),
            userinfo: Value::Null,
            algorithm: Forged::No(Algorithm::RS256),
            typ: Some("JWT"),
            kid: Some("one"),
            token_status: None,
            token_delay: Duration::ZERO,
            odd_keys: Vec::new(),
            hides_keys: false,
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    fn sign(&self, claims: &Value) -> String {
        let state = self.lock();
        let Behaviour { algorithm, typ, kid, .. } = &state.behaviour;
        let (alg, key) = match algorithm {
            Forged::No(Algorithm::ES256) => (Algorithm::ES256, &self.ec.signing),
            Forged::No(Algorithm::EdDSA) => (Algorithm::EdDSA, &self.ed.signing),
            Forged::No(other) => (*other, &self.rsa.signing),
            Forged::OtherKey => (Algorithm::RS256, &self.other.signing),
            Forged::None => return unsigned(claims),
            Forged::SharedSecret => {
                let secret = EncodingKey::from_secret(self.rsa.jwk["n"].as_str().unwrap().as_bytes());
                let header = Header { kid: Some("one".to_owned()), ..Header::new(Algorithm::HS256) };
                return jsonwebtoken::encode(&header, claims, &secret).unwrap();
            }
        };
        let mut header = Header::new(alg);
        header.typ = typ.map(str::to_owned);
        header.kid = kid.map(str::to_owned);
        jsonwebtoken::encode(&header, claims, key).unwrap()
    }
}

fn unsigned(claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}.", part(&json!({"alg": "none", "typ": "JWT", "kid": "one"})), part(claims))
}

fn merge(into: &mut Value, changes: &Value) {
    for (name, value) in changes.as_object().unwrap() {
        match value {
            Value::Null => drop(into.as_object_mut().unwrap().remove(name)),
            value => into[name] = value.clone(),
        }
    }
}

async fn discovery(request: HttpRequest, shared: web::Data<Shared>) -> HttpResponse {
    let mut state = shared.lock();
    state.asked.push(request.path().to_owned());
    let at = |path: &str| format!("{}{path}", state.issuer);
    let mut document = json!({
        "issuer": state.issuer,
        "authorization_endpoint": at("/authorize?tenant=1"),
        "token_endpoint": at("/token"),
        "userinfo_endpoint": at("/userinfo"),
        "jwks_uri": at("/keys"),
        "response_types_supported": ["code"],
        "authorization_response_iss_parameter_supported": true,
    });
    merge(&mut document, &state.behaviour.discovery);
    HttpResponse::Ok().json(document)
}

async fn keys(request: HttpRequest, shared: web::Data<Shared>) -> HttpResponse {
    let mut state = shared.lock();
    state.asked.push(request.path().to_owned());
    let mut keys = state.behaviour.odd_keys.clone();
    if !state.behaviour.hides_keys {
        keys.extend([shared.rsa.jwk.clone(), shared.ec.jwk.clone(), shared.ed.jwk.clone()]);
    }
    HttpResponse::Ok().json(json!({"keys": keys}))
}

async fn userinfo(request: HttpRequest, shared: web::Data<Shared>) -> HttpResponse {
    let header = request.headers().get("authorization").unwrap().to_str().unwrap();
    let mut state = shared.lock();
    state.asked.push(request.path().to_owned());
    assert!(header.starts_with("Bearer "), "{header}");
    match &state.behaviour.userinfo {
        // RFC 6750 section 3.1: the token is not for this.
        Value::Null => HttpResponse::Forbidden().json(json!({"error": "insufficient_scope"})),
        told => HttpResponse::Ok().json(told),
    }
}

async fn token(request: HttpRequest, shared: web::Data<Shared>, body: String) -> HttpResponse {
    let form: HashMap<String, String> = form_urlencoded::parse(body.as_bytes()).into_owned().collect();
    let (delay, status) = {
        let mut state = shared.lock();
        state.asked.push(request.path().to_owned());
        (state.behaviour.token_delay, state.behaviour.token_status.clone())
    };
    tokio::time::sleep(delay).await;
    if let Some((status, body)) = status {
        return HttpResponse::build(status.try_into().unwrap()).json(body);
    }
    if !knows_client(&request, &form) {
        return HttpResponse::Unauthorized().json(json!({"error": "invalid_client"}));
    }
    // A code works once, and for who can show what its challenge was made of.
    let begun = shared.lock().codes.remove(form.get("code").unwrap());
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, form["code_verifier"].as_bytes());
    let challenge = URL_SAFE_NO_PAD.encode(digest);
    let good = |begun: &HashMap<String, String>| {
        begun["code_challenge"] == challenge && begun["redirect_uri"] == form["redirect_uri"]
    };
    let Some(begun) = begun.filter(good) else {
        return HttpResponse::BadRequest().json(json!({"error": "invalid_grant"}));
    };
    let now = shared.now().timestamp();
    let mut claims = json!({
        "iss": shared.lock().issuer, "sub": "ada-1", "aud": CLIENT, "exp": now + 300, "iat": now,
        "nonce": begun["nonce"], "email": "ada@example.org", "email_verified": true, "name": "Ada Lovelace",
    });
    merge(&mut claims, &shared.lock().behaviour.claims);
    let id_token = shared.sign(&claims);
    HttpResponse::Ok().json(json!({"id_token": id_token, "access_token": "opaque", "token_type": "Bearer"}))
}

/// In the header or in the form, each as RFC 6749 section 2.3.1 says.
fn knows_client(request: &HttpRequest, form: &HashMap<String, String>) -> bool {
    let Some(header) = request.headers().get("authorization") else {
        return form.get("client_id").is_some_and(|id| id == CLIENT)
            && form.get("client_secret").is_some_and(|secret| secret == SECRET);
    };
    let encoded = header.to_str().unwrap().strip_prefix("Basic ").unwrap();
    let decoded = base64::engine::general_purpose::STANDARD.decode(encoded).unwrap();
    let text = String::from_utf8(decoded).unwrap();
    let (id, secret) = text.split_once(':').unwrap();
    let decode = |text: &str| form_urlencoded::parse(text.as_bytes()).next().unwrap().0.into_owned();
    !form.contains_key("client_secret") && decode(id) == CLIENT && decode(secret) == SECRET
}

fn rsa(kid: &str) -> Pair {
    let pair = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
    let der: Pkcs8V1Der<'_> = pair.as_der().unwrap();
    let public = pair.public_key();
    let number = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    let jwk = json!({
        "kty": "RSA", "use": "sig", "alg": "RS256", "kid": kid,
        "n": number(public.modulus().big_endian_without_leading_zero()),
        "e": number(public.exponent().big_endian_without_leading_zero()),
    });
    Pair { signing: EncodingKey::from_rsa_pem(pem("PRIVATE KEY", der.as_ref()).as_bytes()).unwrap(), jwk }
}

fn ec(kid: &str) -> Pair {
    let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
    let der = pair.to_pkcs8v1().unwrap();
    let point = pair.public_key().as_ref();
    let (x, y) = (URL_SAFE_NO_PAD.encode(&point[1..33]), URL_SAFE_NO_PAD.encode(&point[33..]));
    let jwk = json!({"kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": kid, "x": x, "y": y});
    Pair { signing: EncodingKey::from_ec_der(der.as_ref()), jwk }
}

fn ed(kid: &str) -> Pair {
    let pair = Ed25519KeyPair::generate().unwrap();
    let der = pair.to_pkcs8v1().unwrap();
    let x = URL_SAFE_NO_PAD.encode(pair.public_key().as_ref());
    let jwk = json!({"kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": kid, "x": x});
    Pair { signing: EncodingKey::from_ed_der(der.as_ref()), jwk }
}

fn pem(label: &str, der: &[u8]) -> String {
    let body = base64::engine::general_purpose::STANDARD.encode(der);
    let lines: Vec<&str> =
        body.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
}
