"""Talk with people in Slack: answer their commands, do what their clicks say, by Socket Mode.

Nothing has to reach us from outside: the monitor opens a connection to Slack, and Slack sends envelopes through it.
Source: https://docs.slack.dev/apis/events-api/using-socket-mode.
"""

from monitor.conversation.tick import Conversation, conversation

__all__ = ["Conversation", "conversation"]
