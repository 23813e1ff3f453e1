"""From delivered files to canonical tables: reading, mapping, rules, quarantine."""
