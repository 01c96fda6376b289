"""Content as data (math, spelling) and the code that turns it into items and marks responses.

Pure: no web, no database, no clock. It knows neither the engine nor the tool.
"""
