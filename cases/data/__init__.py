"""Facts as TOML: the law, contacts, questions, playbooks, model replies, each with its source. Holds no code."""
