//! The tables of `migrations/`, as Diesel sees them.

diesel::table! {
    catalogue_personas (id) {
        id -> Uuid,
        name -> Text,
        role -> Text,
        about -> Text,
        traits -> Array<Text>,
        expertise -> Array<Text>,
        style -> Text,
        pain_points -> Array<Text>,
        responsibilities -> Array<Text>,
        model -> Nullable<Text>,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    personas (workspace_id, id) {
        workspace_id -> Uuid,
        id -> Uuid,
        name -> Text,
        role -> Text,
        about -> Text,
        traits -> Array<Text>,
        expertise -> Array<Text>,
        style -> Text,
        pain_points -> Array<Text>,
        responsibilities -> Array<Text>,
        backend -> Text,
        model -> Nullable<Text>,
        agent -> Nullable<Text>,
        url_sealed -> Nullable<Binary>,
        url_host -> Nullable<Text>,
        secret_sealed -> Nullable<Binary>,
        created_by -> Uuid,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        traits_as_of -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    trait_secrets (workspace_id, id) {
        workspace_id -> Uuid,
        id -> Uuid,
        sealed -> Binary,
        created_at -> Timestamptz,
        expires_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    conversations (workspace_id, id) {
        workspace_id -> Uuid,
        id -> Uuid,
        owner_id -> Uuid,
        persona_id -> Uuid,
        persona_name -> Text,
        title -> Text,
        project_id -> Nullable<Uuid>,
        visibility -> Text,
        archived_at -> Nullable<Timestamptz>,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    messages (workspace_id, id) {
        workspace_id -> Uuid,
        id -> Uuid,
        conversation_id -> Uuid,
        role -> Text,
        state -> Text,
        content -> Text,
        author_id -> Nullable<Uuid>,
        stream_id -> Nullable<Uuid>,
        error_code -> Nullable<Text>,
        model -> Nullable<Text>,
        input_tokens -> Nullable<BigInt>,
        output_tokens -> Nullable<BigInt>,
        created_at -> Timestamptz,
        finished_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    stream_events (workspace_id, stream_id, seq) {
        workspace_id -> Uuid,
        stream_id -> Uuid,
        seq -> Integer,
        event -> Text,
        data -> Jsonb,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    live_streams (stream_id) {
        stream_id -> Uuid,
        tenant -> Uuid,
        message_id -> Uuid,
        beat_at -> Timestamptz,
        stop_requested -> Bool,
    }
}

diesel::table! {
    projects (workspace_id, id) {
        workspace_id -> Uuid,
        id -> Uuid,
        gone -> Bool,
    }
}

diesel::allow_tables_to_appear_in_same_query!(conversations, messages, stream_events, personas);
