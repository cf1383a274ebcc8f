"""Words that folders and files are called by, in the languages of public sets."""
