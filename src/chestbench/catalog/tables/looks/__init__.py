"""Tables as a person looks at them: what they may say, and the lines that take it."""
