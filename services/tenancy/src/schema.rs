//! The tables of `migrations/`, as Diesel sees them.

diesel::table! {
    people (user_id) {
        user_id -> Uuid,
        email -> Text,
        name -> Text,
        updated_at -> Timestamptz,
        closed -> Bool,
        email_key -> Text,
    }
}

diesel::table! {
    first_workspaces (user_id) {
        user_id -> Uuid,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    places (user_id, tenant) {
        user_id -> Uuid,
        tenant -> Uuid,
    }
}

diesel::table! {
    workspaces (workspace_id) {
        workspace_id -> Uuid,
        name -> Text,
        time_zone -> Text,
        locale -> Text,
        created_by -> Uuid,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        require_second_factor -> Bool,
        deletion_requested_at -> Nullable<Timestamptz>,
        deletion_requested_by -> Nullable<Uuid>,
        deletion_due_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    deletions (tenant) {
        tenant -> Uuid,
        due_at -> Timestamptz,
        begun_at -> Nullable<Timestamptz>,
        asked_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    purges (workspace_id, service) {
        workspace_id -> Uuid,
        service -> Text,
        state -> Text,
        requested_at -> Timestamptz,
        done_at -> Nullable<Timestamptz>,
        rows -> Nullable<BigInt>,
    }
}

diesel::table! {
    members (workspace_id, user_id) {
        workspace_id -> Uuid,
        user_id -> Uuid,
        role -> Text,
        status -> Text,
        joined_at -> Timestamptz,
        updated_at -> Timestamptz,
        role_id -> Nullable<Uuid>,
        closed -> Bool,
        leaving_until -> Nullable<Timestamptz>,
        acts -> Bool,
    }
}

diesel::table! {
    roles (workspace_id, id) {
        workspace_id -> Uuid,
        id -> Uuid,
        name -> Text,
        name_key -> Text,
        description -> Nullable<Text>,
        permissions -> Array<Text>,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    startups (workspace_id, id) {
        workspace_id -> Uuid,
        id -> Uuid,
        name -> Text,
        description -> Nullable<Text>,
        industry -> Nullable<Text>,
        stage -> Nullable<Text>,
        website -> Nullable<Text>,
        country -> Nullable<Text>,
        team_size -> Nullable<Integer>,
        created_by -> Uuid,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        deleted_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    projects (workspace_id, id) {
        workspace_id -> Uuid,
        id -> Uuid,
        name -> Text,
        description -> Nullable<Text>,
        archived_at -> Nullable<Timestamptz>,
        created_by -> Uuid,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        deleted_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    feature_flags (key) {
        key -> Text,
        description -> Text,
        enabled -> Bool,
        percentage -> SmallInt,
        unit -> Text,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    feature_flag_names (key, unit, subject) {
        key -> Text,
        unit -> Text,
        subject -> Uuid,
        has -> Bool,
    }
}

diesel::table! {
    invitations (workspace_id, id) {
        workspace_id -> Uuid,
        id -> Uuid,
        email -> Text,
        email_key -> Text,
        role -> Text,
        role_id -> Nullable<Uuid>,
        status -> Text,
        invited_by -> Uuid,
        digest -> Bytea,
        sealed -> Nullable<Bytea>,
        mails -> Integer,
        mailed_at -> Timestamptz,
        expires_at -> Timestamptz,
        accepted_by -> Nullable<Uuid>,
        settled_at -> Nullable<Timestamptz>,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    join_links (workspace_id) {
        workspace_id -> Uuid,
        digest -> Bytea,
        max_uses -> Integer,
        uses -> Integer,
        expires_at -> Timestamptz,
        created_by -> Uuid,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    domains (workspace_id, id) {
        workspace_id -> Uuid,
        id -> Uuid,
        domain -> Text,
        challenge -> Text,
        status -> Text,
        joining -> Bool,
        verified_at -> Nullable<Timestamptz>,
        checked_at -> Nullable<Timestamptz>,
        failing_since -> Nullable<Timestamptz>,
        created_by -> Uuid,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    domain_owners (domain) {
        domain -> Text,
        tenant -> Uuid,
        claim -> Uuid,
        checked_at -> Timestamptz,
    }
}

diesel::allow_tables_to_appear_in_same_query!(people, workspaces, members, roles);
diesel::allow_tables_to_appear_in_same_query!(invitations, workspaces);
