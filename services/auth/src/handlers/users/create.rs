use serde::Deserialize;
use utoipa::ToSchema;
use witan_pg::SystemTx;
use witan_web::{Body, Caller, Created, Problem, ProblemBody, State, Violations, codes};

use super::provisioning::{Proof, Provisioned, provision};
use super::view::{AdministeredUser, load};
use crate::app::App;
use crate::domain::email::EmailAddress;
use crate::domain::name::DisplayName;
use crate::handlers::client::Client;
use crate::hashing::StoredHash;

/// Whose account it is to be.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct CreateUser {
    /// The address of the account.
    #[schema(min_length = 3, max_length = 254, example = "ada@example.org")]
    email: String,
    /// What others see.
    #[schema(min_length = 1, max_length = 100, example = "Ada")]
    name: String,
    /// Whether the caller vouches for the address, such as when people move here from another system. The account is
    /// open at once then, and no link is mailed.
    #[serde(default)]
    email_verified: bool,
    /// The hash that another system kept of the person's password: bcrypt of cost 4 to 14, or argon2id as a PHC string of
    /// at most 64 MiB, 6 passes and 4 lanes. Only with `emailVerified`. The next log-in replaces it by one of ours.
    #[schema(
        nullable = false,
        max_length = 512,
        example = "$2b$12$C6UzMDM.H6dfI/f/IKcEeO7ZSWzJqvX0CO1hF3PpQw8fN4oCmRZ1K"
    )]
    password_hash: Option<String>,
}

/// Makes an account for somebody.
///
/// They get a mail with a link. Who sets a password with it has proved the address, and the account is open. Until then
/// nobody can log in to it. With `emailVerified` it is open at once; with `passwordHash` the person's password of another
/// system keeps working.
#[utoipa::path(post, path = "/api/v1/users", operation_id = "createUser", tag = "user-administration",
    request_body = CreateUser, responses(
        (status = 201, description = "Made", body = AdministeredUser),
        (status = 409, description = "The address has an account.",
            body = ProblemBody, content_type = "application/problem+json")))]
pub(crate) async fn handle(
    app: State<App>,
    client: Client,
    caller: Caller,
    Body(wish): Body<CreateUser>,
) -> Result<Created<AdministeredUser>, Problem> {
    let wish = read(wish)?;
    let create = async |tx: &mut SystemTx<'_>| provision(tx, &app, &wish, caller.user_id, &client).await;
    let id = app.pg.tx("user.create", create).await?;
    let id = id.ok_or_else(|| Problem::new(&codes::auth::ADDRESS_TAKEN))?;
    Ok(Created { location: format!("/api/v1/users/{id}"), body: load(&app, id).await? })
}

fn read(wish: CreateUser) -> Result<Provisioned, Problem> {
    let mut violations = Violations::new();
    let email = violations.parse("/email", EmailAddress::parse(&wish.email));
    let name = violations.parse("/name", DisplayName::parse(&wish.name));
    if let Some(hash) = &wish.password_hash {
        let _ = violations.parse("/passwordHash", StoredHash::parse(hash));
        if !wish.email_verified {
            violations.push(
                "/emailVerified",
                "validation.invalid",
                "must be true with a `passwordHash`: a password opens only an address that was proved",
            );
        }
    }
    let (email, name) = violations.build(|| email.zip(name))?;
    let proof = match wish.email_verified {
        true => Proof::Vouched { password_hash: wish.password_hash },
        false => Proof::Mailed,
    };
    Ok(Provisioned { email, name, proof })
}
