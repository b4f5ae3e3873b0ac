//! Calls to language models: what is asked, who answers, how they end.

use super::{Fits, Place, SPANS, World};
use crate::canary::Planted;
use lightship::llm::{self, Api, Provider, UsageStream};
use tracing::info_span;

pub(crate) const PLACES: &[Place] = &[
    Place { name: "model of a call", plant: model, ..CALLS },
    Place { name: "conversation of a call", plant: conversation, ..CALLS },
    Place { name: "server of a model", plant: server, ..CALLS },
    Place { name: "error of a call to a model", plant: error, ..CALLS },
    Place { name: "answer of a model", takes: Fits::Tokens, plant: answer, ..CALLS },
];
const CALLS: Place =
    Place { name: "", takes: Fits::Looks, beside: SPANS, within: &[], plant: model };

fn model(_: &World, it: &Planted) {
    let _span = info_span!("asking", mark = it.beside).entered();
    llm::call(Provider::OpenAi, &it.value).start().finish(llm::Usage::new(1, 1));
}

fn conversation(_: &World, it: &Planted) {
    let _span = info_span!("asking", mark = it.beside).entered();
    llm::call(Provider::OpenAi, "gpt-4o").conversation(&it.value).start().fail("timeout");
}

fn server(_: &World, it: &Planted) {
    let _span = info_span!("asking", mark = it.beside).entered();
    llm::call(Provider::OpenAi, "gpt-4o").server(&it.value, 443).start().fail("timeout");
}

fn error(_: &World, it: &Planted) {
    let _span = info_span!("asking", mark = it.beside).entered();
    llm::call(Provider::OpenAi, "gpt-4o").start().fail(it.value.clone());
}

/// Its id, its model, why it ended and what it says.
fn answer(_: &World, it: &Planted) {
    let _span = info_span!("asking", mark = it.beside).entered();
    let value = &it.value;
    let mut stream = UsageStream::new(Api::OpenAiChat);
    stream.event(&format!(
        "{{\"id\": \"{value}\", \"model\": \"{value}\", \"choices\": [{{\"delta\": {{\"content\": \"{value}\"}}, \
         \"finish_reason\": \"{value}\"}}], \"usage\": {{\"prompt_tokens\": 1, \"completion_tokens\": 1}}}}"
    ));
    llm::call(Provider::OpenAi, "gpt-4o").start().finish(stream.finish());
}
