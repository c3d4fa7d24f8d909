"""Self-reports: the forms on which institutions tell what they found wrong, from the empty template to the report.

What this package is for: everything between a filled-in form and the case objects that the rest of the program
assesses. What a reader must not break: nothing here is imported by an assessment, and nothing a reporter says is taken
for a finding of the authority.
"""
