use std::time::Duration;

use witan_config::Reader;
use witan_llm::ModelsConfig;

use crate::domain::agent::{Agent, Brief, Council};
use crate::domain::budget::RunBudget;
use crate::domain::sitting::{Limits, MAX_MEMBERS, Sitting};

const STAGE: Duration = Duration::from_secs(45);
/// The three stages together must end before whoever waits for a run gives up.
const MAX_RUN: Duration = Duration::from_secs(140);
const LEASE: Duration = Duration::from_secs(30);
const MAX_RUNS: usize = 64;
const EVENT_RETENTION: Duration = Duration::from_secs(24 * 60 * 60);

/// The settings of the service.
#[derive(Debug, Clone)]
pub struct Config {
    /// The models that there are.
    pub models: ModelsConfig,
    /// Who sits in the council.
    pub council: CouncilConfig,
    /// `COUNCIL_RUN_LEASE`: how long after its process's last sign of life a run is given up.
    pub lease: Duration,
    /// `COUNCIL_MAX_RUNS`: how many runs a process carries at a time.
    pub max_runs: usize,
    /// `COUNCIL_EVENT_RETENTION`: how long the events of a run that has ended can be followed.
    pub event_retention: Duration,
    /// `COUNCIL_RUN_COST_MICROS`, `COUNCIL_RUN_TOKENS`, `COUNCIL_RUN_CALLS`, `COUNCIL_RUN_SECONDS`: what any run may take at most.
    pub budget: RunBudget,
}

/// Who sits in the council, and how long they have.
#[derive(Debug, Clone)]
pub struct CouncilConfig {
    /// `COUNCIL_MEMBERS`: ids of models; all that are not simulated, or else all, up to five.
    pub members: Vec<String>,
    /// `COUNCIL_CHAIRS`: ids of models, in the order in which they are tried; the members if not said.
    pub chairs: Vec<String>,
    /// `COUNCIL_SUMMARISER`: the id of the model that summarises sessions; the first chair if not said.
    pub summariser: Option<String>,
    /// `COUNCIL_QUORUM`: how many must answer; more than half if not said.
    pub quorum: usize,
    /// `COUNCIL_ANSWER_TIMEOUT`: of a seat, its fallback included.
    pub answer_timeout: Duration,
    /// `COUNCIL_CRITIQUE_TIMEOUT`: of a review, its second try included.
    pub critique_timeout: Duration,
    /// `COUNCIL_SYNTHESIS_TIMEOUT`: of all chairs together.
    pub synthesis_timeout: Duration,
}

impl Config {
    /// Reads all of it.
    pub fn read(r: &mut Reader<'_>) -> Option<Self> {
        let models = ModelsConfig::read(r);
        let council = models.as_ref().and_then(|models| CouncilConfig::read(r, models));
        let lease = r.duration("COUNCIL_RUN_LEASE", LEASE);
        let max_runs = r.or("COUNCIL_MAX_RUNS", MAX_RUNS);
        let event_retention = r.duration("COUNCIL_EVENT_RETENTION", EVENT_RETENTION);
        let budget = budget(r);
        Some(Self {
            models: models?,
            council: council?,
            lease: lease?,
            max_runs: max_runs?,
            event_retention: event_retention?,
            budget: budget?,
        })
    }
}

impl CouncilConfig {
    /// An agent of the product, in the council that the settings describe.
    pub fn brief(&self, agent: &Agent) -> Brief {
        Brief::of(agent, self.usual())
    }

    /// The council that the settings describe.
    pub fn usual(&self) -> Council {
        Council { members: self.members.clone(), chairs: self.chairs.clone(), quorum: Some(self.quorum) }
    }

    /// Who summarises a session for a sitting.
    pub fn summariser<'a>(&'a self, sitting: &'a Sitting) -> &'a str {
        let of_sitting = sitting.chairs.iter().chain(&sitting.members);
        self.summariser.iter().chain(of_sitting).next().map_or("", String::as_str)
    }

    /// How long each stage may take.
    pub fn limits(&self) -> Limits {
        Limits {
            answers: self.answer_timeout,
            critique: self.critique_timeout,
            synthesis: self.synthesis_timeout,
        }
    }

    fn read(r: &mut Reader<'_>, models: &ModelsConfig) -> Option<Self> {
        let members = known(r, "COUNCIL_MEMBERS", models);
        let chairs = known(r, "COUNCIL_CHAIRS", models);
        let summariser = known(r, "COUNCIL_SUMMARISER", models);
        let quorum = r.optional::<usize>("COUNCIL_QUORUM");
        let answer_timeout = r.duration("COUNCIL_ANSWER_TIMEOUT", STAGE);
        let critique_timeout = r.duration("COUNCIL_CRITIQUE_TIMEOUT", STAGE);
        let synthesis_timeout = r.duration("COUNCIL_SYNTHESIS_TIMEOUT", STAGE);
        let members = members?;
        let members = if members.is_empty() { panel(models) } else { members };
        if members.len() > MAX_MEMBERS {
            return r.mistake("COUNCIL_MEMBERS", format!("has more than {MAX_MEMBERS} models"));
        }
        let chairs = chairs?;
        let mut summariser = summariser?;
        if summariser.len() > 1 {
            return r.mistake("COUNCIL_SUMMARISER", "must be one model".to_owned());
        }
        let quorum = quorum?.unwrap_or(members.len() / 2 + 1);
        if quorum == 0 || quorum > members.len() {
            return r.mistake(
                "COUNCIL_QUORUM",
                format!("must be from 1 to {}, the members' number", members.len()),
            );
        }
        let config = Self {
            chairs: if chairs.is_empty() { members.clone() } else { chairs },
            members,
            summariser: summariser.pop(),
            quorum,
            answer_timeout: answer_timeout?,
            critique_timeout: critique_timeout?,
            synthesis_timeout: synthesis_timeout?,
        };
        if config.answer_timeout + config.critique_timeout + config.synthesis_timeout > MAX_RUN {
            let why = format!(
                "and the time-outs of the other stages are more than {} s together",
                MAX_RUN.as_secs()
            );
            return r.mistake("COUNCIL_ANSWER_TIMEOUT", why);
        }
        Some(config)
    }
}

fn budget(r: &mut Reader<'_>) -> Option<RunBudget> {
    let cost_micros = r.optional("COUNCIL_RUN_COST_MICROS");
    let tokens = r.optional("COUNCIL_RUN_TOKENS");
    let calls = r.optional("COUNCIL_RUN_CALLS");
    let seconds = r.optional("COUNCIL_RUN_SECONDS");
    Some(RunBudget { cost_micros: cost_micros?, tokens: tokens?, calls: calls?, seconds: seconds? })
}

fn known(r: &mut Reader<'_>, name: &str, models: &ModelsConfig) -> Option<Vec<String>> {
    let ids = r.list::<String>(name)?;
    match ids.iter().find(|id| !models.models.iter().any(|model| model.id == **id)) {
        Some(unknown) => r.mistake(name, format!("names {unknown}, which is no model of the registry")),
        None => Some(ids),
    }
}

/// The council where nobody chose one.
fn panel(models: &ModelsConfig) -> Vec<String> {
    const USUAL: usize = 5;
    models.panel(USUAL).into_iter().map(|model| model.id.clone()).collect()
}

#[cfg(test)]
mod tests {
    use witan_config::Env;

    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<Config, String> {
        let env: Env = pairs.iter().copied().collect();
        let mut reader = Reader::new(&env);
        let config = Config::read(&mut reader);
        reader.finish(|| config).map_err(|mistakes| mistakes.to_string())
    }

    #[test]
    fn without_settings_four_simulated_models_sit() {
        let council = read(&[]).unwrap().council;
        assert_eq!((council.members.len(), council.quorum), (4, 3));
        assert_eq!(council.chairs, council.members);
    }

    #[test]
    fn real_models_sit_alone() {
        let pairs = [("OPENAI_API_KEY", "k"), ("OPENAI_MODELS", "a,b,c")];
        assert_eq!(read(&pairs).unwrap().council.members, ["openai/a", "openai/b", "openai/c"]);
    }

    #[test]
    fn mistakes_name_the_variable() {
        for (name, value, says) in [
            ("COUNCIL_MEMBERS", "sim/alpha,sim/omega", "sim/omega"),
            ("COUNCIL_CHAIRS", "sim/omega", "sim/omega"),
            ("COUNCIL_SUMMARISER", "sim/omega", "sim/omega"),
            ("COUNCIL_SUMMARISER", "sim/alpha,sim/beta", "one model"),
            ("COUNCIL_QUORUM", "5", "from 1 to 4"),
            ("COUNCIL_QUORUM", "0", "from 1 to 4"),
            ("COUNCIL_ANSWER_TIMEOUT", "10m", "140 s"),
        ] {
            let why = read(&[(name, value)]).unwrap_err();
            assert!(why.contains(name) && why.contains(says), "{why}");
        }
    }
}
