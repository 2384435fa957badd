EXPLAIN PIPELINE SELECT count() FROM traces WHERE arrayExists(x -> x = 'a', splitByChar(',', session))
