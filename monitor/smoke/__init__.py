"""Ask the hubs, live, what their documentation leaves open and our adapters rely on: one module of questions a hub."""

from monitor.smoke.asking import Finding, Question, ask
from monitor.smoke.github import GITHUB
from monitor.smoke.huggingface import HUGGINGFACE
from monitor.smoke.modelscope import MODELSCOPE
from monitor.smoke.openrouter import OPENROUTER

__all__ = ["QUESTIONS", "Finding", "ask"]

QUESTIONS: dict[str, tuple[Question, ...]] = {
    "huggingface": HUGGINGFACE,
    "modelscope": MODELSCOPE,
    "github": GITHUB,
    "openrouter": OPENROUTER,
}
