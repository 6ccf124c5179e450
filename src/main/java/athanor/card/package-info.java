/**
 * The model card ({@code README.md}) of a model file: front matter for the Hugging Face Hub, then
 * the recipe, trigger words, credits, hashes and how to use it. Nothing here opens a file; whatever
 * came from one is taken for hostile and made inert.
 */
@NullMarked
package athanor.card;

import org.jspecify.annotations.NullMarked;
