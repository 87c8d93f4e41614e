s/<text>62</<text>60</
