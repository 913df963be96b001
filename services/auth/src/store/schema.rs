//! The tables of `migrations/`, as diesel sees them.

use diesel::{allow_tables_to_appear_in_same_query, joinable, table};

table! {
    users (id) {
        id -> Uuid,
        email -> Text,
        email_key -> Text,
        name -> Text,
        password_hash -> Nullable<Text>,
        state -> Text,
        default_workspace -> Nullable<Uuid>,
        announced -> Bool,
        verified_at -> Nullable<Timestamptz>,
        deactivated_at -> Nullable<Timestamptz>,
        deletion_due_at -> Nullable<Timestamptz>,
        suspended -> Bool,
        provisioned -> Bool,
        locale -> Nullable<Text>,
        time_zone -> Nullable<Text>,
        preferences -> Json,
        logins -> BigInt,
        last_login_at -> Nullable<Timestamptz>,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

table! {
    registrations (id) {
        id -> Uuid,
        user_id -> Uuid,
        name -> Text,
        password_hash -> Text,
        created_at -> Timestamptz,
    }
}

table! {
    mails (id) {
        id -> Uuid,
        user_id -> Nullable<Uuid>,
        registration_id -> Nullable<Uuid>,
        kind -> Text,
        topic -> Nullable<Text>,
        recipient -> Nullable<Text>,
        state -> Text,
        attempts -> Integer,
        last_error -> Nullable<Text>,
        created_at -> Timestamptz,
        settled_at -> Nullable<Timestamptz>,
        dedupe_key -> Nullable<Text>,
        sealed -> Nullable<Bytea>,
    }
}

table! {
    email_tokens (digest) {
        digest -> Bytea,
        purpose -> Text,
        user_id -> Uuid,
        registration_id -> Nullable<Uuid>,
        created_at -> Timestamptz,
        expires_at -> Timestamptz,
    }
}

table! {
    sessions (id) {
        id -> Uuid,
        user_id -> Uuid,
        counter -> BigInt,
        spent -> Array<Timestamptz>,
        user_agent -> Text,
        ip -> Text,
        created_at -> Timestamptz,
        authenticated_at -> Timestamptz,
        methods -> Array<Text>,
        last_used_at -> Timestamptz,
        idle_expires_at -> Timestamptz,
        expires_at -> Timestamptz,
        access_expires_at -> Timestamptz,
        revoked_at -> Nullable<Timestamptz>,
        revoked_reason -> Nullable<Text>,
        issuer -> Nullable<Text>,
        subject -> Nullable<Text>,
        issuer_session -> Nullable<Text>,
        issued_after -> Nullable<Timestamptz>,
    }
}

table! {
    outside_cutoffs (issuer, subject) {
        issuer -> Text,
        subject -> Text,
        user_id -> Uuid,
        issued_until -> Timestamptz,
    }
}

table! {
    secrets (name) {
        name -> Text,
        sealed -> Bytea,
    }
}

table! {
    signing_keys (id) {
        id -> Uuid,
        purpose -> Text,
        state -> Text,
        secret -> Bytea,
        created_at -> Timestamptz,
        activated_at -> Nullable<Timestamptz>,
        verifies_until -> Nullable<Timestamptz>,
    }
}

table! {
    api_keys (id) {
        id -> Uuid,
        prefix -> Text,
        digest -> Bytea,
        user_id -> Nullable<Uuid>,
        workspace -> Nullable<Uuid>,
        created_by -> Uuid,
        name -> Text,
        scopes -> Array<Text>,
        methods -> Array<Text>,
        created_at -> Timestamptz,
        expires_at -> Timestamptz,
        last_used_at -> Nullable<Timestamptz>,
        revoked_at -> Nullable<Timestamptz>,
        revoked_reason -> Nullable<Text>,
    }
}

table! {
    closed_workspaces (workspace) {
        workspace -> Uuid,
        closed_at -> Timestamptz,
    }
}

table! {
    email_changes (user_id) {
        user_id -> Uuid,
        mail_id -> Uuid,
        email -> Text,
        created_at -> Timestamptz,
    }
}

table! {
    erasures (user_id, service) {
        user_id -> Uuid,
        service -> Text,
        state -> Text,
        requested_at -> Timestamptz,
        asked_at -> Timestamptz,
        done_at -> Nullable<Timestamptz>,
        rows -> Nullable<BigInt>,
    }
}

table! {
    identities (id) {
        id -> Uuid,
        user_id -> Uuid,
        issuer -> Text,
        subject -> Text,
        email -> Nullable<Text>,
        linked_at -> Timestamptz,
        last_used_at -> Timestamptz,
    }
}

table! {
    sign_ins (digest) {
        digest -> Bytea,
        return_to -> Nullable<Text>,
        cookies -> Bool,
        expires_at -> Timestamptz,
    }
}

table! {
    avatars (user_id, size) {
        user_id -> Uuid,
        size -> Integer,
        version -> Text,
        media_type -> Text,
        bytes -> Bytea,
        created_at -> Timestamptz,
    }
}

table! {
    totp_factors (user_id) {
        user_id -> Uuid,
        secret -> Bytea,
        created_at -> Timestamptz,
        confirmed_at -> Nullable<Timestamptz>,
        last_step -> Nullable<BigInt>,
    }
}

table! {
    recovery_codes (digest) {
        digest -> Bytea,
        user_id -> Uuid,
        created_at -> Timestamptz,
    }
}

table! {
    factor_attempts (user_id) {
        user_id -> Uuid,
        failed -> Integer,
        closed_until -> Nullable<Timestamptz>,
    }
}

table! {
    challenges (digest) {
        digest -> Bytea,
        purpose -> Text,
        user_id -> Nullable<Uuid>,
        methods -> Array<Text>,
        cookies -> Bool,
        expires_at -> Timestamptz,
    }
}

table! {
    passkeys (id) {
        id -> Uuid,
        user_id -> Uuid,
        credential_id -> Bytea,
        public_key -> Bytea,
        counter -> BigInt,
        name -> Text,
        transports -> Array<Text>,
        backup_eligible -> Bool,
        backed_up -> Bool,
        created_at -> Timestamptz,
        last_used_at -> Nullable<Timestamptz>,
    }
}

joinable!(mails -> users (user_id));
joinable!(registrations -> users (user_id));
joinable!(sessions -> users (user_id));
allow_tables_to_appear_in_same_query!(
    erasures,
    users,
    avatars,
    api_keys,
    closed_workspaces,
    registrations,
    mails,
    email_tokens,
    sessions
);
