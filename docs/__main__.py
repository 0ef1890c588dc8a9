"""Renews what the code knows best in the documents: the rows of the settings, and those of the commands' options."""

from docs import command_line, settings

for page in (settings, command_line):
    page.PAGE.write_text(page.renewed(page.PAGE.read_text("utf-8")), "utf-8")
