"""The error for sounds that give no clip."""


class UnusableSound(Exception):
    """Error for a file that gives no clip. Its message is the reason for quarantine.csv: one line, without the path."""


TRUNCATED = "truncated or damaged: its header states more samples than can be decoded"
