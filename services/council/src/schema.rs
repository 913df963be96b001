//! The tables of `migrations/`, as Diesel sees them.

diesel::table! {
    runs (workspace_id, id) {
        workspace_id -> Uuid,
        id -> Uuid,
        user_id -> Uuid,
        asked_by -> Nullable<Text>,
        agent -> Text,
        prompt -> Text,
        startup_id -> Nullable<Uuid>,
        project_id -> Nullable<Uuid>,
        profile -> Nullable<Text>,
        context -> Nullable<Text>,
        state -> Text,
        failure_code -> Nullable<Text>,
        trace_id -> Nullable<Text>,
        asked -> SmallInt,
        required -> SmallInt,
        answered -> SmallInt,
        reviewed -> SmallInt,
        degraded -> Bool,
        answer -> Nullable<Text>,
        chair -> Nullable<Text>,
        disagreement -> Nullable<Jsonb>,
        kendalls_w -> Nullable<Double>,
        effective_votes -> Nullable<Double>,
        input_tokens -> BigInt,
        output_tokens -> BigInt,
        tokens_estimated -> Bool,
        cost_micros -> BigInt,
        chair_input_tokens -> BigInt,
        chair_output_tokens -> BigInt,
        chair_cost_micros -> BigInt,
        answers_ms -> Integer,
        critique_ms -> Integer,
        synthesis_ms -> Integer,
        total_ms -> Integer,
        created_at -> Timestamptz,
        finished_at -> Nullable<Timestamptz>,
        mode -> Text,
        sitting -> Nullable<Jsonb>,
        vote -> Nullable<Jsonb>,
        agent_version -> Nullable<Integer>,
        session_id -> Nullable<Uuid>,
        session_read -> Nullable<Jsonb>,
        session_outline -> Nullable<Jsonb>,
        chat -> Nullable<Text>,
        started_at -> Nullable<Timestamptz>,
        budget -> Nullable<Jsonb>,
        parent_id -> Nullable<Uuid>,
        depth -> SmallInt,
    }
}

diesel::table! {
    run_members (workspace_id, run_id, seat) {
        workspace_id -> Uuid,
        run_id -> Uuid,
        seat -> SmallInt,
        model -> Text,
        answered_by -> Nullable<Text>,
        state -> Text,
        reason -> Nullable<Text>,
        answer -> Text,
        choice -> Nullable<Text>,
        input_tokens -> BigInt,
        output_tokens -> BigInt,
        cost_micros -> BigInt,
        answer_ms -> Integer,
        review_state -> Text,
        review_reason -> Nullable<Text>,
        review_input_tokens -> BigInt,
        review_output_tokens -> BigInt,
        review_cost_micros -> BigInt,
        review_ms -> Integer,
        rank -> Nullable<SmallInt>,
        tied -> Bool,
        score -> Nullable<Double>,
        score_low -> Nullable<Double>,
        score_high -> Nullable<Double>,
    }
}

diesel::table! {
    run_reviews (workspace_id, run_id, reviewer_seat, answer_seat) {
        workspace_id -> Uuid,
        run_id -> Uuid,
        reviewer_seat -> SmallInt,
        answer_seat -> SmallInt,
        position -> SmallInt,
        label -> Text,
        is_self -> Bool,
        scores -> Jsonb,
        critique -> Text,
    }
}

diesel::table! {
    run_leases (run_id) {
        run_id -> Uuid,
        tenant -> Uuid,
        lease_until -> Timestamptz,
        holder -> Nullable<Uuid>,
        attempts -> SmallInt,
        cancel_requested -> Bool,
        drawn_cost -> BigInt,
        drawn_tokens -> BigInt,
        drawn_calls -> BigInt,
        spent_cost -> BigInt,
        spent_tokens -> BigInt,
        spent_calls -> BigInt,
        reserved_cost -> BigInt,
        reserved_tokens -> BigInt,
        reserved_calls -> BigInt,
    }
}

diesel::table! {
    run_calls (workspace_id, run_id, key, attempt) {
        workspace_id -> Uuid,
        run_id -> Uuid,
        key -> Text,
        attempt -> SmallInt,
        model -> Text,
        answered_by -> Nullable<Text>,
        state -> Text,
        reason -> Nullable<Text>,
        answer -> Nullable<Text>,
        input_tokens -> BigInt,
        output_tokens -> BigInt,
        estimated -> Bool,
        cost_micros -> BigInt,
        elapsed_ms -> Integer,
        ended_at -> Timestamptz,
    }
}

diesel::table! {
    run_events (workspace_id, run_id, seq) {
        workspace_id -> Uuid,
        run_id -> Uuid,
        seq -> Integer,
        event -> Text,
        data -> Jsonb,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    run_logs (run_id) {
        run_id -> Uuid,
        tenant -> Uuid,
        ended_at -> Timestamptz,
    }
}

diesel::table! {
    gone_models (model) {
        model -> Text,
        replacement -> Nullable<Text>,
        told_at -> Timestamptz,
    }
}

diesel::table! {
    projects (workspace_id, id) {
        workspace_id -> Uuid,
        id -> Uuid,
        gone -> Bool,
    }
}

diesel::table! {
    provider_keys (workspace_id, provider) {
        workspace_id -> Uuid,
        provider -> Text,
        sealed -> Bytea,
        hint -> Text,
        changed_by -> Uuid,
        changed_at -> Timestamptz,
    }
}

diesel::table! {
    model_calls (call_id) {
        call_id -> Text,
        tenant -> Uuid,
        event -> Jsonb,
        lapses_at -> Timestamptz,
    }
}

diesel::table! {
    sessions (workspace_id, id) {
        workspace_id -> Uuid,
        id -> Uuid,
        user_id -> Uuid,
        title -> Text,
        agent -> Nullable<Text>,
        project_id -> Nullable<Uuid>,
        state -> Text,
        entries -> Integer,
        active_at -> Timestamptz,
        created_at -> Timestamptz,
        ended_at -> Nullable<Timestamptz>,
        summary -> Nullable<Text>,
        summarised_to -> Nullable<Integer>,
        summarised -> Nullable<Integer>,
    }
}

diesel::table! {
    session_messages (workspace_id, session_id, seq) {
        workspace_id -> Uuid,
        session_id -> Uuid,
        seq -> Integer,
        id -> Uuid,
        role -> Text,
        content -> Text,
        run_id -> Nullable<Uuid>,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    session_tools (workspace_id, session_id, seq) {
        workspace_id -> Uuid,
        session_id -> Uuid,
        seq -> Integer,
        id -> Uuid,
        tool -> Text,
        kind -> Text,
        status -> Text,
        duration_ms -> Integer,
        detail -> Nullable<Text>,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    live_sessions (session_id) {
        session_id -> Uuid,
        tenant -> Uuid,
        active_at -> Timestamptz,
    }
}

diesel::allow_tables_to_appear_in_same_query!(runs, run_members, run_reviews);

diesel::table! {
    agents (workspace_id, id) {
        workspace_id -> Uuid,
        id -> Uuid,
        slug -> Text,
        version -> Integer,
        created_by -> Uuid,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    agent_versions (workspace_id, agent_id, version) {
        workspace_id -> Uuid,
        agent_id -> Uuid,
        version -> Integer,
        name -> Text,
        about -> Text,
        instructions -> Text,
        criteria -> Jsonb,
        mode -> Text,
        members -> Array<Text>,
        chairs -> Array<Text>,
        quorum -> Nullable<SmallInt>,
        changed_by -> Uuid,
        created_at -> Timestamptz,
    }
}

diesel::allow_tables_to_appear_in_same_query!(agents, agent_versions);
