/**
 * Pickle programs run as data. {@link athanor.torchfile.pickle.PickleMachine} makes {@link
 * athanor.torchfile.pickle.PickleValue}s of one: numbers, texts, lists, dicts, references to stored
 * values and tensors that view them, by a fixed table of names. Every other name makes an inert
 * object. No name is ever looked up in Java or Python. It knows no files: a storage is a key and a
 * number of elements here.
 */
@NullMarked
package athanor.torchfile.pickle;

import org.jspecify.annotations.NullMarked;
