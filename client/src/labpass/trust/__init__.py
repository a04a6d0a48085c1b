"""What an API server must be told, how each distribution spells it, what proves it.

Pure: refuses all input and output.
"""
