SELECT {c:Identifier} FROM {t:Identifier} WHERE s = {v:String} SETTINGS max_threads = 1 FORMAT JSONEachRow
