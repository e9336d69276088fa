"""Reading a request to act: its grammar, the records and days it names, and the tool and arguments it comes to."""
