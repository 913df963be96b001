//! Problems of council.

use super::codes;

codes! {
    QUORUM_NOT_MET "council.quorum_not_met" Dependency 502 "Too few members of the council answered."
        "The models that make up the council, and those that stand in for them, failed or were too slow. Nothing is charged as a run. The run's members say why each is missing.";
    AGENT_SLUG_TAKEN "council.agent_slug_taken" Conflict 409 "Another agent is called so."
        "The product's agents have their names everywhere, and those of a workspace differ from each other.";
    AGENT_LIMIT "council.agent_limit" Business 409 "The workspace has all the agents it can have."
        "Delete one that nobody asks.";
    AGENT_CHANGED "council.agent_changed" Conflict 409 "Somebody else changed the agent."
        "The change was made to a version that is no longer the latest. Read it again, and decide anew.";
    INTERRUPTED "council.interrupted" System 503 "The run was interrupted."
        "The process that carried the run was stopped. Nothing is charged as a run. Ask again.";
}
