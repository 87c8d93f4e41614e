# Two columns of one input: no value is below 1000 and from 2000.
/id="Lock_discount"/,/<\/decision>/{
s/typeRef="string"><text>lock</typeRef="number"><text>value</
s/"art3"/\&lt; 1000/
}
