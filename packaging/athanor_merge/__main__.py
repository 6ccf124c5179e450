from athanor_merge import main

main()
