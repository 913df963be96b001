//! Problems of council.

use super::codes;

codes! {
    QUORUM_NOT_MET "council.quorum_not_met" Dependency 502 "Too few members of the council answered."
        "The models that make up the council, and those that stand in for them, failed or were too slow. Nothing is charged as a run. The run's members say why each is missing.";
    INTERRUPTED "council.interrupted" System 503 "The run was interrupted."
        "The process that carried the run was stopped. Nothing is charged as a run. Ask again.";
}
