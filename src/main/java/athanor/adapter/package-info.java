/**
 * LoRA files and their relatives: which keys make up a module ({@code athanor.adapter.format}),
 * what a file holds ({@link athanor.adapter.AdapterFile}), where each module belongs in a
 * checkpoint ({@link athanor.adapter.AdapterMatch}), and what it changes there ({@link
 * athanor.adapter.PlacedModule}). Every key of a file is accounted for: applied, without target, or
 * refused by the name of its format.
 */
@NullMarked
package athanor.adapter;

import org.jspecify.annotations.NullMarked;
