"""The expert library (专家库): who is an expert, in which fields, for how long."""
