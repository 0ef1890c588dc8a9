"""The worst day there is: everything goes wrong at once, and what was lost is counted."""
