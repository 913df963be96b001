use super::gone::GoneModel;
use super::{Call, Models};
use crate::{LlmError, ModelInfo, ModelStatus};

/// Who answers for a model: it does while it is there, then whoever replaces it, then whoever replaces that one.
pub(super) struct Route<'a> {
    models: &'a Models,
    call: &'a Call,
    asked: &'a str,
    /// Nobody is asked twice, however the registry's replacements go round.
    seen: Vec<&'a str>,
}

impl<'a> Route<'a> {
    pub(super) fn of(models: &'a Models, asked: &'a str, call: &'a Call) -> Self {
        Self { models, call, asked, seen: Vec::new() }
    }

    /// Whom to ask first.
    pub(super) fn first(&mut self) -> Result<&'a ModelInfo, LlmError> {
        let there = self.models.get(self.asked).and_then(|model| self.follow(model));
        let model = there.ok_or_else(|| LlmError::ModelGone { model: self.asked.to_owned() })?;
        if model.is_usable_with(self.call.keys()) { Ok(model) } else { Err(LlmError::Auth) }
    }

    /// Whom to ask after this one has turned out to be gone.
    pub(super) fn after(&mut self, gone: &ModelInfo) -> Option<&'a ModelInfo> {
        self.models.0.gone.found(self.owner(gone), &gone.id);
        let next = self.replacement(gone);
        self.tell(gone, next);
        next
    }

    /// What a completion says of the way it took.
    pub(super) fn replaced(&self, answered_by: &ModelInfo) -> Option<String> {
        (answered_by.id != self.asked).then(|| self.asked.to_owned())
    }

    /// This one or, where it is known to be gone, the first of its replacements that can be asked.
    fn follow(&mut self, model: &'a ModelInfo) -> Option<&'a ModelInfo> {
        self.seen.push(&model.id);
        if !self.is_gone(model) {
            return Some(model);
        }
        let next = self.replacement(model);
        self.tell(model, next);
        // A model that nobody replaces is asked all the same: its provider knows best.
        next.or_else(|| model.replacement.is_none().then_some(model))
    }

    fn replacement(&mut self, model: &ModelInfo) -> Option<&'a ModelInfo> {
        let next = self.models.get(model.replacement.as_deref()?)?;
        if self.seen.contains(&next.id.as_str()) {
            return None;
        }
        if next.is_usable_with(self.call.keys()) {
            return self.follow(next);
        }
        self.seen.push(&next.id);
        self.replacement(next)
    }

    fn is_gone(&self, model: &ModelInfo) -> bool {
        let today = self.models.0.clock.now().date_naive();
        model.status_on(today) == ModelStatus::Retired
            || self.models.0.gone.is_known(self.owner(model), &model.id)
    }

    fn owner(&self, model: &ModelInfo) -> Option<&'a str> {
        self.call.key(model).map(|(owner, _)| owner)
    }

    fn tell(&self, model: &ModelInfo, replacement: Option<&ModelInfo>) {
        let replacement = replacement.map(|model| model.id.clone());
        self.models.0.gone.tell(GoneModel { model: model.id.clone(), replacement });
    }
}
