# What further emitters add: their Python file, and what they make.
