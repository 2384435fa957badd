SELECT * FROM costs_by_team, remote('127.0.0.1', system.one)
