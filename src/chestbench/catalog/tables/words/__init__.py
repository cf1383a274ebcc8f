"""Words that columns are called by and that cells hold, in the languages of public sets."""
