"""The compiled knowledge base, with what the hospital imported."""

from service.knowledge.repository import open_knowledge
from service.settings import Settings


def prepare_knowledge(settings: Settings) -> str:
    """Build the knowledge base where it is missing; its release."""
    return open_knowledge(settings.knowledge, settings.imports).release
