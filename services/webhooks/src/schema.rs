//! The tables of `migrations/`, as Diesel sees them.

diesel::table! {
    endpoints (workspace_id, id) {
        workspace_id -> Uuid,
        id -> Uuid,
        url_sealed -> Nullable<Binary>,
        description -> Text,
        events -> Array<Text>,
        headers_sealed -> Nullable<Binary>,
        state -> Text,
        disabled_reason -> Nullable<Text>,
        consecutive_failures -> Integer,
        failing_since -> Nullable<Timestamptz>,
        breaker_until -> Nullable<Timestamptz>,
        signature -> Text,
        public_key -> Nullable<Text>,
        rate_limit -> Nullable<Integer>,
        max_concurrency -> Nullable<Integer>,
        timeout_seconds -> Nullable<Integer>,
        retry_seconds -> Nullable<Array<Integer>>,
        ordered -> Bool,
        verification -> Text,
        verified_at -> Nullable<Timestamptz>,
        allowed_rate -> Nullable<Integer>,
        rate_window -> Nullable<Timestamptz>,
        rate_used -> Integer,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    endpoint_secrets (workspace_id, id) {
        workspace_id -> Uuid,
        id -> Uuid,
        endpoint_id -> Uuid,
        sealed -> Binary,
        created_at -> Timestamptz,
        expires_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    messages (workspace_id, id) {
        workspace_id -> Uuid,
        id -> Uuid,
        event_type -> Text,
        subject -> Text,
        body -> Binary,
        occurred_at -> Timestamptz,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    deliveries (workspace_id, id) {
        workspace_id -> Uuid,
        id -> Uuid,
        endpoint_id -> Uuid,
        message_id -> Uuid,
        event_type -> Text,
        state -> Text,
        round -> Integer,
        round_attempts -> Integer,
        attempts -> Integer,
        last_outcome -> Nullable<Text>,
        last_status -> Nullable<Integer>,
        next_attempt_at -> Nullable<Timestamptz>,
        created_at -> Timestamptz,
        finished_at -> Nullable<Timestamptz>,
        order_key -> Nullable<BigInt>,
        sequence -> Nullable<BigInt>,
        slot_at -> Nullable<Timestamptz>,
        sending_until -> Nullable<Timestamptz>,
        replay_id -> Nullable<Uuid>,
        pull_position -> Nullable<BigInt>,
    }
}

diesel::table! {
    attempts (workspace_id, id) {
        workspace_id -> Uuid,
        id -> Uuid,
        delivery_id -> Uuid,
        number -> Integer,
        started_at -> Timestamptz,
        duration_ms -> Integer,
        outcome -> Text,
        status -> Nullable<Integer>,
        response_body -> Text,
        truncated -> Bool,
        next_attempt_at -> Nullable<Timestamptz>,
        endpoint_id -> Uuid,
        event_type -> Text,
    }
}

diesel::table! {
    replays (workspace_id, id) {
        workspace_id -> Uuid,
        id -> Uuid,
        endpoint_id -> Uuid,
        kind -> Text,
        since -> Timestamptz,
        until -> Nullable<Timestamptz>,
        event_types -> Nullable<Array<Text>>,
        state -> Text,
        total -> BigInt,
        done -> BigInt,
        position -> Uuid,
        bound -> Uuid,
        created_at -> Timestamptz,
        finished_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    silences (workspace_id) {
        workspace_id -> Uuid,
        since -> Timestamptz,
    }
}

diesel::allow_tables_to_appear_in_same_query!(
    endpoints,
    endpoint_secrets,
    messages,
    deliveries,
    attempts,
    silences
);
